/**
 * Puts a picture that our own renderer wrote into the page, parsed as XML: a text in it can never become markup of the
 * page.
 */
export function drawInto(box: HTMLElement, svg: string): SVGElement {
  const picture = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
  const drawn = document.importNode(picture, true) as unknown as SVGElement;
  // Our own tooltip says more, in the reader's language.
  for (const title of drawn.querySelectorAll('title')) title.remove();
  box.replaceChildren(drawn);
  return drawn;
}
