import type { Found } from "../views";

const WIDTH = 640;
const HEIGHT = 360;

/** A picture that a camera of a desk would see, drawn. */
abstract class DrawnCamera {
  #canvas = document.createElement("canvas");
  #seen = document.createElement("canvas");
  protected turn = 0;

  constructor() {
    for (const canvas of [this.#canvas, this.#seen]) [canvas.width, canvas.height] = [WIDTH, HEIGHT];
  }

  /** What it sees, through a filter of CSS. */
  async frame(filter: string): Promise<ArrayBuffer> {
    const ink = this.#canvas.getContext("2d");
    const seen = this.#seen.getContext("2d");
    this.turn += 1;
    if (ink) this.draw(ink);
    if (seen) {
      seen.filter = filter;
      seen.drawImage(this.#canvas, 0, 0);
    }
    const blob = await new Promise<Blob | null>((done) => this.#seen.toBlob(done, "image/jpeg", 0.8));
    return (await blob?.arrayBuffer()) ?? new ArrayBuffer(0);
  }

  abstract found(): Found;
  protected abstract draw(ink: CanvasRenderingContext2D): void;
}

/** A phone with a code on it. */
export class DrawnPhone extends DrawnCamera {
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
    return { x: 262 + 6 * Math.sin(this.turn / 5), y: 108 + 3 * Math.cos(this.turn / 4), side: 128 };
  }

  protected draw(ink: CanvasRenderingContext2D): void {
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

const ZONE = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"];

/** The page of a passport on the counter: ICAO's own specimen. */
export class DrawnPage extends DrawnCamera {
  found(): Found {
    return { corners: [[121, 269], [519, 271], [519, 313], [121, 311]], width: WIDTH, height: HEIGHT, symbology: "Zone", kind: "document" };
  }

  protected draw(ink: CanvasRenderingContext2D): void {
    const wood = ink.createLinearGradient(0, 0, WIDTH, HEIGHT);
    wood.addColorStop(0, "#7a6248");
    wood.addColorStop(1, "#544230");
    ink.fillStyle = wood;
    ink.fillRect(0, 0, WIDTH, HEIGHT);
    ink.fillStyle = "#e9e4d6";
    ink.beginPath();
    ink.roundRect(100, 26, 440, 304, 12);
    ink.fill();
    ink.fillStyle = "#b9c3c9";
    ink.fillRect(122, 62, 118, 152);
    ink.fillStyle = "#7d8890";
    ink.beginPath();
    ink.ellipse(181, 118, 30, 36, 0, 0, 7);
    ink.ellipse(181, 214, 54, 50, 0, Math.PI, 2 * Math.PI);
    ink.fill();
    ink.fillStyle = "#2b2f33";
    for (const [row, width] of [150, 210, 120, 180, 90].entries()) ink.fillRect(262, 70 + row * 30, width, 9);
    ink.font = "600 15px monospace";
    for (const [row, line] of ZONE.entries()) ink.fillText(line, 126, 286 + row * 19, 388);
  }
}
