// The archive's tab: a link of the list opens an article beside it, a button puts one back or follows a feed no longer.
// The arrow keys go from row to row, Escape closes the article.
{
  const rows = () => [...document.querySelectorAll('#shelf-rows .cd-open')];
  let from = null;

  const open = (link) => {
    const inList = link.closest('#shelf-rows') !== null;
    if (inList) {
      rows().forEach((row) => row.removeAttribute('aria-current'));
      link.setAttribute('aria-current', 'true');
      from = link.getAttribute('href');
    }
    trigger('article', {what: link.getAttribute('href').slice('#a-'.length)});
    document.getElementById('shelf-side').scrollTop = 0;
    document.getElementById('shelf-side').scrollIntoView({block: 'nearest'});
  };

  document.addEventListener('click', (event) => {
    const link = event.target.closest('a.cd-open');
    if (link) {
      event.preventDefault();
      open(link);
    }
    const back = event.target.closest('button.cd-put-back');
    if (back) trigger('putback', {what: back.dataset.what});
    const unfollow = event.target.closest('button.cd-unfollow');
    if (unfollow) trigger('unfollow', {what: unfollow.dataset.what});
    if (event.target.closest('#shelf-close')) {
      const row = rows().find((one) => one.getAttribute('href') === from) || document.querySelector('#shelf-list input');
      rows().forEach((one) => one.removeAttribute('aria-current'));
      row?.focus();
      row?.scrollIntoView({block: 'nearest'});
    }
  });

  document.addEventListener('keydown', (event) => {
    const row = document.activeElement?.closest('#shelf-rows .cd-open');
    if (row && ['ArrowDown', 'ArrowUp'].includes(event.key)) {
      event.preventDefault();
      const all = rows();
      all[all.indexOf(row) + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
    }
    const close = document.getElementById('shelf-close');
    if (event.key === 'Escape' && close?.offsetParent && !event.defaultPrevented) close.click();
  });
}
