"use strict";
// Shows those answers that fit the filters. The page is whole without it.
(() => {
  const form = document.getElementById("filters");
  if (form === null) return;
  const [state, worth, slice, words, shown] = ["state", "worth", "slice", "words", "shown"].map((id) => document.getElementById(id));
  const answers = Array.from(document.querySelectorAll("#answers > .answer"), (element) => ({
    element,
    state: element.dataset.state,
    worth: element.dataset.worth,
    slices: element.dataset.slices.split(" "),
    text: null,
  }));

  const reads = (answer, wanted) => {
    answer.text ??= answer.element.textContent.toLowerCase();
    return wanted.every((word) => answer.text.includes(word));
  };
  const fits = (answer, wanted) =>
    (state.value === "" || answer.state === state.value) &&
    (worth.value === "" || answer.worth === worth.value) &&
    (slice.value === "" || answer.slices.includes(slice.value)) &&
    (wanted.length === 0 || reads(answer, wanted));

  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
    let count = 0;
    for (const answer of answers) {
      const fitting = fits(answer, wanted);
      answer.element.hidden = !fitting;
      count += fitting ? 1 : 0;
    }
    shown.textContent = `${count} of ${answers.length} shown`;
  };
  const open = (unfolded) => {
    for (const { element } of answers) if (!element.hidden || !unfolded) element.open = unfolded;
  };

  for (const control of [state, worth, slice]) control.addEventListener("change", filter);
  words.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("unfold").addEventListener("click", () => open(true));
  document.getElementById("fold").addEventListener("click", () => open(false));
  form.hidden = false;
  filter(); // a browser may have kept what was chosen before a reload
})();
