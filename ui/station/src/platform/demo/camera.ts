import type { Found } from "../views";

const WIDTH = 640;
const HEIGHT = 360;

/** A phone with a code on it, drawn; the picture a camera of a desk would see. */
export class DrawnCamera {
  #canvas = document.createElement("canvas");
  #turn = 0;

  constructor() {
    this.#canvas.width = WIDTH;
    this.#canvas.height = HEIGHT;
  }

  async frame(): Promise<ArrayBuffer> {
    this.#draw();
    const blob = await new Promise<Blob | null>((done) => this.#canvas.toBlob(done, "image/jpeg", 0.8));
    return (await blob?.arrayBuffer()) ?? new ArrayBuffer(0);
  }

  found(): Found {
    const { x, y, side } = this.#place();
    return {
      corners: [
        [x, y],
        [x + side, y + 4],
        [x + side - 4, y + side + 2],
        [x - 4, y + side - 2],
      ],
      width: WIDTH,
      height: HEIGHT,
      symbology: "QRCode",
      kind: "code",
    };
  }

  #place(): { x: number; y: number; side: number } {
    return { x: 262 + 6 * Math.sin(this.#turn / 5), y: 108 + 3 * Math.cos(this.#turn / 4), side: 128 };
  }

  #draw(): void {
    const ink = this.#canvas.getContext("2d");
    if (!ink) return;
    this.#turn += 1;
    const { x, y, side } = this.#place();
    const wall = ink.createLinearGradient(0, 0, WIDTH, HEIGHT);
    wall.addColorStop(0, "#8f9aa3");
    wall.addColorStop(1, "#4c5660");
    ink.fillStyle = wall;
    ink.fillRect(0, 0, WIDTH, HEIGHT);
    ink.fillStyle = "#caa184";
    ink.beginPath();
    ink.ellipse(x + side / 2 + 30, y + side + 130, 150, 120, -0.3, 0, 7);
    ink.fill();
    ink.fillStyle = "#15181c";
    ink.beginPath();
    ink.roundRect(x - 36, y - 84, side + 72, side + 210, 22);
    ink.fill();
    ink.fillStyle = "#f5f7f6";
    ink.beginPath();
    ink.roundRect(x - 28, y - 74, side + 56, side + 190, 14);
    ink.fill();
    ink.fillStyle = "#2c7a55";
    ink.fillRect(x - 28, y - 58, side + 56, 30);
    this.#code(ink, x, y, side);
  }

  /** Not a readable code: modules by a fixed rule, with three finders. */
  #code(ink: CanvasRenderingContext2D, x: number, y: number, side: number): void {
    const modules = 41;
    const size = side / modules;
    ink.fillStyle = "#000000";
    for (let row = 0; row < modules; row++) {
      for (let column = 0; column < modules; column++) {
        const corner = (a: number, b: number) => a < 8 && b < 8;
        if (corner(row, column) || corner(row, modules - 1 - column) || corner(modules - 1 - row, column)) continue;
        if ((row * 7 + column * 13 + ((row * column) % 11)) % 5 < 2) ink.fillRect(x + column * size, y + row * size, size, size);
      }
    }
    const finders: [number, number][] = [[0, 0], [modules - 7, 0], [0, modules - 7]];
    for (const [column, row] of finders) {
      ink.fillStyle = "#000000";
      ink.fillRect(x + column * size, y + row * size, 7 * size, 7 * size);
      ink.fillStyle = "#f5f7f6";
      ink.fillRect(x + (column + 1) * size, y + (row + 1) * size, 5 * size, 5 * size);
      ink.fillStyle = "#000000";
      ink.fillRect(x + (column + 2) * size, y + (row + 2) * size, 3 * size, 3 * size);
    }
  }
}
