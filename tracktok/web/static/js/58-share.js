// Sharing an amount: once somebody types into a row, what is on its way may not fill the rows any more.
(() => {
  // What the amount's own change asks at the same moment is shared anew too.
  tt.on("click", "[data-share-again]", (event, button) => {
    button.closest("form").querySelector("[name=by_hand]").value = "";
  });
  tt.on("input", "#receipt-rows input", (event, input) => {
    const form = input.closest("form");
    form.querySelector("[name=by_hand]").value = "1";
    const asking = form.querySelector("[data-share]");
    if (asking) htmx.trigger(asking, "htmx:abort");
  });
})();
