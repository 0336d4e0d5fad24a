/* A passkey is made or asked for by the browser; what it answers goes with the form. Only on https, or on this very machine. */

const button = document.querySelector("[data-passkey]");

function tell(problem) {
  for (const sentence of document.querySelectorAll("[data-passkey-problem]")) sentence.hidden = sentence.dataset.passkeyProblem !== problem;
}

async function ask() {
  const options = JSON.parse(document.getElementById("passkey_options").textContent);
  const passkeys = window.webauthnJSON; // allauth's
  return button.dataset.passkey === "create" ? passkeys.create(options.creation_options) : passkeys.get(options.request_options);
}

async function answer() {
  tell("");
  button.disabled = true;
  try {
    button.form.elements.credential.value = JSON.stringify(await ask());
    button.form.submit();
  } catch {
    tell("failed");
    button.disabled = false;
  }
}

if (button) {
  if (!window.isSecureContext) tell("insecure");
  else if (!window.PublicKeyCredential) tell("unknown");
  else {
    button.hidden = false;
    button.addEventListener("click", answer);
    button.form.addEventListener("submit", (event) => {
      event.preventDefault(); // Enter in the field of the name
      answer();
    });
  }
}
