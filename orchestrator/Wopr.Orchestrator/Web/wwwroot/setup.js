// Keeps the setup page up to date. The server renders every word; this fetches the page again when something
// happened and puts the parts that changed in place. Without it the page reloads itself.
(() => {
  const page = document.getElementById('setup');
  if (!page) return;
  const parts = ['headline', 'explanation', 'expectation', 'notices', 'steps', 'modules', 'timeline'];
  const pollEvery = 4000;
  const byId = (id, root = document) => root.getElementById(id);
  let busy = false, again = false, poll = 0, stream = null;

  localTimes();
  run();

  function run() {
    if (page.dataset.over === 'true') return;
    setInterval(tick, 1000);
    // Coming back to a page that slept, or that the browser kept, starts with a fresh look.
    document.addEventListener('visibilitychange', () => document.hidden || refresh());
    addEventListener('pageshow', event => event.persisted && refresh());
    listen();
  }

  function listen() {
    if (!window.EventSource) return startPolling();
    stream = new EventSource(`/api/provision/${page.dataset.job}/stream`);
    for (const kind of ['created', 'state', 'stage', 'module', 'substitution', 'error', 'note', 'completed']) {
      stream.addEventListener(kind, event => {
        // The stream's own failure is called error too, but carries no data.
        if (event.data !== undefined) refresh();
      });
    }
    stream.onopen = () => { stopPolling(); refresh(); };
    // The browser reconnects by itself and says what it saw last; until then we ask from time to time.
    stream.onerror = startPolling;
  }

  function startPolling() { poll ||= setInterval(refresh, pollEvery); }
  function stopPolling() { clearInterval(poll); poll = 0; }

  async function refresh() {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, cache: 'no-store' });
      if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    } catch {
      startPolling();
    }
    // Many events in a row are one look.
    setTimeout(() => { busy = false; if (again) { again = false; refresh(); } }, 250);
  }

  function show(fresh) {
    const next = byId('setup', fresh);
    if (!next) return;
    const before = byId('headline').textContent;
    for (const id of parts) {
      const [old, now] = [byId(id), byId(id, fresh)];
      if (old && now && old.dataset.html !== now.innerHTML) {
        old.dataset.html = now.innerHTML;
        old.innerHTML = now.innerHTML;
      }
    }
    document.title = fresh.title;
    page.className = next.className;
    progress(byId('bar', fresh));
    localTimes();
    if (before !== byId('headline').textContent) byId('announcement').textContent = byId('headline').textContent;
    if (next.dataset.over === 'true' && page.dataset.over !== 'true') {
      page.dataset.over = 'true';
      stopPolling();
      stream?.close();
    }
  }

  // The bar itself stays, so that it can glide.
  function progress(fresh) {
    const [bar, next] = [document.querySelector('#bar progress'), fresh.querySelector('progress')];
    bar.value = next.value;
    document.querySelector('#bar .meter').innerHTML = fresh.querySelector('.meter').innerHTML;
  }

  function tick() {
    const elapsed = byId('elapsed');
    if (!elapsed || elapsed.dataset.running !== 'true') return;
    const seconds = ++elapsed.dataset.seconds;
    const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    elapsed.textContent = h ? `${h} h ${m} min` : m ? `${m} min ${s} s` : `${s} s`;
  }

  function localTimes() {
    for (const time of document.querySelectorAll('#setup time')) {
      const parts = { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' };
      if (time.closest('#timeline')) parts.second = '2-digit';
      time.textContent = new Date(time.dateTime).toLocaleTimeString([], parts);
    }
  }
})();
