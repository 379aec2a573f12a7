// Sharing an amount: once somebody types into a row, what is on its way may not fill the rows any more.
(() => {
  tt.on("input", "#receipt-rows input", (event, input) => {
    const form = input.closest("form");
    form.querySelector("[name=by_hand]").value = "1";
    const asking = form.querySelector("[data-share]");
    if (asking) htmx.trigger(asking, "htmx:abort");
  });
})();
