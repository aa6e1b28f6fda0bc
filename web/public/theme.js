// Sets the colour scheme before the first paint, so that a dark reader never sees a white flash.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem('depictio.theme');
  } catch {
    // Storage may be denied; the system's scheme is then used.
  }
  var dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
