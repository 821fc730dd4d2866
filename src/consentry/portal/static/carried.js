// What stands behind the # of the address, which browsers send to nobody, is put into the page's form and sent at once.

const field = document.querySelector("input[name=secret]");

addEventListener("hashchange", carry);
carry();

function carry() {
  const carried = decodeURIComponent(location.hash.slice(1));
  if (!carried) return;
  field.value = carried;
  history.replaceState(null, "", location.pathname + location.search);
  field.form.requestSubmit();
}
