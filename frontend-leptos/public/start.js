// Starts the app: a file of its own, so that the page needs no inline script and its content security policy can stay strict.
import init, * as app from "{{js}}";

// The tests that compare folds call the module's own functions from outside.
globalThis.schulhof = app;

try {
  await init({ module_or_path: "{{wasm}}" });
  document.getElementById("before")?.remove();
} catch (error) {
  console.error(error);
  const before = document.getElementById("before");
  if (before) {
    before.className = "banner bad";
    before.textContent =
      "Schulhof konnte nicht starten. Bitte laden Sie die Seite neu; hilft das nicht, ist der Browser zu alt. – Schulhof could not start. Please reload the page; if that does not help, the browser is too old.";
  }
}
