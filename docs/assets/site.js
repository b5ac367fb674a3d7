/* What axe finds in Material for MkDocs 9.8: a dialog without a name, a landmark in each block of
 * code, and tables that scroll, but not by the keyboard. Its script makes these as it goes. */
const mend = () => {
  document.querySelector(".md-search")?.setAttribute("aria-label", "Search");
  for (const buttons of document.querySelectorAll(".md-code__nav")) {
    buttons.setAttribute("role", "none");
  }
  for (const table of document.querySelectorAll(".md-typeset__scrollwrap")) {
    if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;
  }
};
new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
mend();
