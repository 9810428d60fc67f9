// Signal flags drawn as moving cloth: flat shapes in a unit square, bent along one wave.
//
// Shapes: International Code of Signals, 1965, chapter 1.

const NAMESPACE = "http://www.w3.org/2000/svg";
const WIDTH = 150;
const HEIGHT = 112;
const LEFT = 30;
const TOP = 26;

/** A point of the unit square: 0, 0 is the upper corner at the hoist. */
export type Point = readonly [x: number, y: number];

/** A polygon of one colour. */
export interface Patch {
  readonly fill: Dye;
  readonly points: readonly Point[];
}

/** The colours that signal flags are sewn from; the style sheet says what they look like. */
export type Dye = "red" | "yellow" | "blue" | "white" | "black";

/** An upright rectangle from one corner to the other. */
export function box(fill: Dye, x0: number, y0: number, x1: number, y1: number): Patch {
  return { fill, points: [[x0, y0], [x1, y0], [x1, y1], [x0, y1]] };
}

/** Where a point of the flat flag lies once the wind is in it. */
function bend([x, y]: Point): string {
  const lift = Math.sin(x * 5.6 + 0.5) * 6.5 * (0.35 + x) - x * 3;
  return `${(LEFT + x * WIDTH).toFixed(1)},${(TOP + y * HEIGHT + lift).toFixed(1)}`;
}

function outline(points: readonly Point[]): string {
  const bent: string[] = [];
  points.forEach((from, index) => {
    const to = points[(index + 1) % points.length] ?? from;
    const pieces = Math.max(1, Math.ceil(Math.abs(to[0] - from[0]) * 16));
    for (let piece = 0; piece < pieces; piece++) {
      const share = piece / pieces;
      bent.push(bend([from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share]));
    }
  });
  return bent.join(" ");
}

function shape(tag: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const made = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** Draws a flag on its halyard. Decorative: the name stands beside it as text. */
export function drawFlag(patches: readonly Patch[]): SVGElement {
  const picture = shape("svg", { viewBox: "0 10 210 144", class: "cloth", "aria-hidden": "true" });
  picture.append(
    shape("path", { class: "halyard", d: "M27 10V154" }),
    shape("path", { class: "toggle", d: "M24 22h6v9h-6zM24 132h6v9h-6z" }),
  );
  for (const patch of patches) picture.append(shape("polygon", { class: `dye-${patch.fill}`, points: outline(patch.points) }));
  // Light and shade of the folds: a gradient that index.html holds once for all flags.
  picture.append(shape("polygon", { fill: "url(#folds)", points: outline(box("white", 0, 0, 1, 1).points) }));
  return picture;
}
