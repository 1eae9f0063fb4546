// Small comforts for the shop: prices that follow the choice, the address as it is typed, whether the name is free.
// The order itself is a plain form and needs none of this.
(() => {
  document.getElementById('problems')?.focus();
  const form = document.getElementById('order');
  if (!form) return;
  const total = document.getElementById('total');
  const name = document.getElementById('beacon_name');
  const address = document.getElementById('address');
  const zone = address.textContent.replace(/^[^.]*/, '');
  const money = new Intl.NumberFormat('en-US', { style: 'currency', currency: total.dataset.currency });
  let asked = 0;

  form.addEventListener('change', prices);
  form.addEventListener('submit', () => setTimeout(() => { form.querySelector('button').disabled = true; }));
  // Coming back by the browser's button finds a form that can be sent again.
  addEventListener('pageshow', () => { form.querySelector('button').disabled = false; prices(); });
  name.addEventListener('input', () => {
    address.textContent = (name.value.trim().toLowerCase() || 'name') + zone;
    address.className = '';
    clearTimeout(asked);
    asked = setTimeout(available, 400);
  });
  prices();

  function prices() {
    const bundle = form.querySelector('input[name=bundle]:checked');
    const tier = form.querySelector('input[name=tier]:checked');
    const list = bundle ? bundle.dataset.prices.split(',') : [];
    for (const place of form.querySelectorAll('[data-tier-price]')) {
      const cents = list[place.dataset.tierPrice - 1];
      place.textContent = !bundle ? '' : cents ? `${money.format(cents / 100)} a month` : 'on request';
      document.getElementById(`tier-${place.dataset.tierPrice}`).disabled = Boolean(bundle) && !cents;
    }
    const cents = tier && list[tier.value - 1];
    total.innerHTML = '';
    if (!cents) return;
    const sum = document.createElement('strong');
    sum.textContent = money.format(cents / 100);
    total.append(sum, ` a month for ${bundle.dataset.name}, ${tier.dataset.size}`);
  }

  async function available() {
    const wanted = name.value.trim().toLowerCase();
    if (wanted.length < 3) return;
    try {
      const answer = await fetch(`/api/checkout/names/${encodeURIComponent(wanted)}`);
      if (!answer.ok) return;
      const { free } = await answer.json();
      if (name.value.trim().toLowerCase() !== wanted) return;
      address.textContent = wanted + zone + (free ? ' (free)' : ' (not to be had)');
      address.className = free ? 'free' : 'taken';
    } catch {
      // No answer is no harm: the order itself is checked again.
    }
  }
})();
