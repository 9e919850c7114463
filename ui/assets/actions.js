// The ways on from a refusal, and copying an answer, both plain elements of a message; and Escape, which stops.
{
  const COPIED_MS = 2000;

  const write = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // An address that the browser doesn't hold for safe has no clipboard but this one.
      const box = document.createElement('textarea');
      box.value = text;
      document.body.append(box);
      box.select();
      const done = document.execCommand('copy');
      box.remove();
      if (!done) throw new Error('no clipboard');
    }
  };

  const copy = async (button) => {
    const words = button.textContent;
    try {
      await write(button.parentElement.querySelector('.cd-copied').textContent);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'The browser doesn’t allow it';
    }
    button.setAttribute('aria-live', 'polite');
    setTimeout(() => { button.textContent = words; }, COPIED_MS);
  };

  const rephrase = (question) => {
    const box = document.querySelector('#question textarea');
    // The framework listens for input, and keeps what was typed.
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(box, question);
    box.dispatchEvent(new Event('input', {bubbles: true}));
    box.focus();
    box.select();
  };

  // A part of the other tab is drawn, or shown, a moment after that is chosen.
  const unfold = (id, giveUpAt = performance.now() + SECONDS_TO_WAIT * 1000) => {
    const part = document.getElementById(id);
    if (part?.offsetParent) {
      const label = part.querySelector('button.label-wrap, .label-wrap');
      if (!label.classList.contains('open')) label.click();
      part.scrollIntoView({block: 'nearest'});
      label.focus();
    } else if (performance.now() < giveUpAt) {
      const tab = document.querySelector('#views [role="tab"][aria-selected="false"]');
      if (tab && id === 'add-articles') tab.click();
      requestAnimationFrame(() => unfold(id, giveUpAt));
    }
  };

  document.addEventListener('click', (event) => {
    const button = event.target.closest('button.cd-copy');
    if (button) copy(button);
    const way = event.target.closest('a.cd-way');
    if (!way) return;
    event.preventDefault();
    const where = way.getAttribute('href').slice(1);
    if (where.startsWith('again-')) trigger('again', {what: where});
    else if (where.startsWith('rephrase.')) rephrase(decodeURIComponent(where.slice('rephrase.'.length)));
    else unfold(where);
  });

  document.addEventListener('keydown', (event) => {
    const stop = document.querySelector('#question .stop-button');
    if (event.key === 'Escape' && stop && !event.defaultPrevented) stop.click();
  });
}
