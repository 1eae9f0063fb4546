// The link of the first account: this browser makes a key pair, the beacon seals the link to its public half, and only here
// is it opened. The private half stays in this tab, so that a reload does not lose it.
(() => {
  const page = document.getElementById('setup');
  if (!page) return;
  const address = `/setup/${page.dataset.job}/first-sign-in`;
  const place = `wopr-first-sign-in-${page.dataset.job}`;
  const algorithm = { name: 'RSA-OAEP', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' };
  const lookEvery = 5000;
  let looking = 0;

  // The part of the page may come later than this script.
  page.addEventListener('click', event => event.target.id === 'sign-in-ask' && ask(event.target));
  if (sessionStorage.getItem(place) && part('sign-in-ask')) look();

  function part(id) { return document.getElementById(id); }
  function tell(...what) { part('sign-in-told')?.replaceChildren(...what); }

  async function ask(button) {
    if (!globalThis.crypto?.subtle) return tell('This browser seals nothing over an insecure connection. Answer the mail that we have sent you.');
    button.disabled = true;
    try {
      const pair = await crypto.subtle.generateKey(algorithm, true, ['encrypt', 'decrypt']);
      const key = base64(await crypto.subtle.exportKey('spki', pair.publicKey));
      sessionStorage.setItem(place, JSON.stringify(await crypto.subtle.exportKey('jwk', pair.privateKey)));
      const answer = await fetch(address, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ key }) });
      if (!answer.ok) throw new Error((await answer.json()).detail);
      look();
    } catch (error) {
      button.disabled = false;
      tell(`That did not work: ${error.message} `);
    }
  }

  async function look() {
    clearTimeout(looking);
    let found;
    try {
      const answer = await fetch(address, { cache: 'no-store' });
      found = answer.ok ? await answer.json() : null;
    } catch {
      // No answer now is another look later.
    }
    if (!found) return again();
    if (found.state === 'made') return open(found.sealed);
    if (found.state === 'waiting') {
      part('sign-in-ask').disabled = true;
      tell('Your beacon makes the link when it reports next: within five minutes. Keep this page open.');
      return again();
    }
    sessionStorage.removeItem(place);
    if (part('sign-in-ask')) part('sign-in-ask').disabled = found.state !== 'open';
    tell(found.state === 'open' ? 'Your beacon has not answered. Try once more, or answer the mail that we have sent you.' : 'The link has ended. Answer the mail that we have sent you.');
  }

  function again() { looking = setTimeout(look, lookEvery); }

  async function open(sealed) {
    let path = '';
    try {
      const key = await crypto.subtle.importKey('jwk', JSON.parse(sessionStorage.getItem(place)), algorithm, false, ['decrypt']);
      const bytes = Uint8Array.from(atob(sealed), c => c.charCodeAt(0));
      path = new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, key, bytes)).trim();
    } catch {
      // It was sealed for another browser.
    }
    if (!/^\/recovery\/use-token\/[\w-]+\/$/.test(path)) {
      return tell('The link was made for another browser or tab. If that was not you, answer the mail that we have sent you.');
    }
    const link = document.createElement('a');
    Object.assign(link, { className: 'button', href: new URL(path, part('sign-in').dataset.url), rel: 'noreferrer', target: '_blank', textContent: 'Sign in and choose a password' });
    const steps = document.createElement('ol');
    steps.append(...['Open the link: it works once, and for half an hour.', 'Go to Settings, the wheel at the top.', 'Choose “Change password”, and keep the new one safe.']
      .map(text => Object.assign(document.createElement('li'), { textContent: text })));
    part('sign-in-ask')?.parentElement.remove();
    tell(steps, link);
  }

  function base64(buffer) { return btoa(String.fromCharCode(...new Uint8Array(buffer))); }
})();
