// What a citation mark points at, shown beside it before it is opened: under the mouse, while the keyboard is on it, and
// at the first tap of a finger. All it shows stands in the page already.
{
  const HOVER_MS = 120;
  const LEAVE_MS = 200;
  const GAP = 6;
  const EDGE = 8;
  const SOURCES = 'a[href^="#s-"]';
  const card = document.createElement('div');
  card.id = 'cd-popover';
  card.hidden = true;
  document.body.append(card);
  let shownFor = null;
  let timer = 0;
  let touched = false;

  const previewOf = (link) =>
    [...(link.closest('.cd-answer')?.querySelectorAll('li') ?? [])]
      .find((item) => item.querySelector(SOURCES)?.getAttribute('href') === link.getAttribute('href'))
      ?.querySelector('.cd-preview');

  const place = () => {
    const mark = shownFor.getBoundingClientRect();
    const box = card.getBoundingClientRect();
    const below = mark.bottom + GAP + box.height <= innerHeight - EDGE;
    card.style.top = `${Math.max(EDGE, below ? mark.bottom + GAP : mark.top - GAP - box.height)}px`;
    card.style.left = `${Math.max(EDGE, Math.min(mark.left, innerWidth - EDGE - box.width))}px`;
  };

  const hide = () => {
    clearTimeout(timer);
    if (!shownFor) return;
    shownFor.removeAttribute('aria-describedby');
    shownFor = null;
    card.hidden = true;
    card.replaceChildren();
  };

  const openButton = (link) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Open the article';
    button.addEventListener('click', () => {
      hide();
      touched = false; // or the click would preview once more
      link.click();
    });
    return button;
  };

  const show = (link, byTouch) => {
    clearTimeout(timer);
    const preview = previewOf(link);
    if (!preview || shownFor === link) return;
    hide();
    shownFor = link;
    card.replaceChildren(...[...preview.cloneNode(true).childNodes], ...(byTouch ? [openButton(link)] : []));
    card.setAttribute('role', byTouch ? 'dialog' : 'tooltip');
    card.setAttribute('aria-label', 'Preview of the source');
    card.hidden = false;
    card.scrollTop = 0;
    link.setAttribute('aria-describedby', card.id);
    place();
  };

  const later = (milliseconds, what) => {
    clearTimeout(timer);
    timer = setTimeout(what, milliseconds);
  };

  document.addEventListener('pointerover', (event) => {
    if (event.pointerType === 'touch') return;
    const link = event.target.closest(SOURCES);
    if (link) later(HOVER_MS, () => show(link, false));
    else if (card.contains(event.target)) clearTimeout(timer);
    else if (shownFor && document.activeElement !== shownFor) later(LEAVE_MS, hide);
    else clearTimeout(timer);
  });
  document.addEventListener('focusin', (event) => {
    const link = event.target.matches(SOURCES) && event.target.matches(':focus-visible') && !touched;
    if (link && !event.target.hasAttribute('aria-current')) show(event.target, false);
    else if (!card.contains(event.target)) hide();
  });
  document.addEventListener('focusout', (event) => {
    if (event.target === shownFor && !touched) hide();
  });
  document.addEventListener('keydown', (event) => {
    touched = false;
    if (event.key === 'Escape' && shownFor) hide();
  });
  document.addEventListener('pointerdown', (event) => {
    touched = event.pointerType === 'touch';
    if (!card.contains(event.target) && event.target !== shownFor) hide();
  });
  addEventListener('resize', hide);
  document.addEventListener('scroll', (event) => {
    if (!shownFor || card.contains(event.target)) return;
    const mark = shownFor.getBoundingClientRect();
    if (mark.bottom < 0 || mark.top > innerHeight) hide();
    else place();
  }, true);

  // Before the click opens anything: a finger can't hover, so its first tap on a mark previews and the second opens.
  document.addEventListener('click', (event) => {
    const mark = event.target.closest('a.cd-mark');
    if (mark && touched && shownFor !== mark && previewOf(mark)) {
      event.preventDefault();
      event.stopPropagation();
      show(mark, true);
    } else if (event.target.closest(SOURCES)) {
      hide();
    }
  }, true);
}
