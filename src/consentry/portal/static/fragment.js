// The withdrawal code of a receipt's QR code stands behind the # of the address, which browsers send to nobody.

const field = document.querySelector("input[name=secret]");
const code = decodeURIComponent(location.hash.slice(1));

if (code) {
  field.value = code;
  history.replaceState(null, "", location.pathname + location.search);
  field.form.querySelector("button").focus();
}
