// Runs before the first paint, so that nobody sees the wrong side flash by. The server has written the person's choice
// (the cookie "theme") into the page; "auto" means the system decides, also when it changes its mind later.
(function chooseTheme() {
  const page = document.documentElement;
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const follow = () => {
    if (page.dataset.theme === 'auto') page.dataset.bsTheme = dark.matches ? 'dark' : 'light';
  };
  follow();
  dark.addEventListener('change', follow);
})();
