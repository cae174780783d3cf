// What a person sees of a page, through every shadow root. Evaluates to an object of functions.
(() => {
  const shown = (element) =>
    element.getClientRects().length > 0 && getComputedStyle(element).visibility === "visible";
  const below = (node, kind) => [...(node.shadowRoot?.[kind] ?? []), ...(node[kind] ?? [])];
  const skipped = new Set(["STYLE", "SCRIPT", "TEMPLATE", "NOSCRIPT"]);

  function* elements(node) {
    for (const child of below(node, "children")) {
      yield child;
      yield* elements(child);
    }
  }

  function* words(node) {
    for (const child of below(node, "childNodes")) {
      if (child.nodeType === Node.TEXT_NODE) {
        const around = child.parentElement ?? child.getRootNode().host;
        if (around && shown(around)) yield child.data;
      } else if (child.nodeType === Node.ELEMENT_NODE && !skipped.has(child.tagName)) yield* words(child);
    }
  }

  const wordsOf = (node) => [...words(node)].join(" ").replace(/\s+/g, " ").trim();
  const nameOf = (element) => [element.getAttribute("aria-label") ?? "", wordsOf(element)].join(" ");
  const focused = () => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at;
  };

  return {
    find(css, text) {
      const found = [...elements(document)].filter((one) => one.matches(css) && shown(one));
      return found.filter((one) => text === "" || nameOf(one).includes(text));
    },
    read: (css) => [...elements(document)].filter((one) => one.matches(css) && shown(one)).map(wordsOf),
    any: (css) => [...elements(document)].filter((one) => one.matches(css)),
    focused,
  };
})()
