// The camera: open while a person uses it, closed at all other times.

const WANTED = { audio: false, video: { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 720 } } };
const LONGEST_SIDE = 1280;
const LARGEST_FRAME = 500 * 1024;
const QUALITIES = [0.92, 0.8, 0.6];

/** An open camera whose picture `video` shows. Close it whatever happens. */
export class Camera {
  #stream;
  #video;
  #canvas = document.createElement("canvas");

  constructor(stream, video) {
    this.#stream = stream;
    this.#video = video;
  }

  /** Open the camera; rejects where there is none, or nobody allowed it. */
  static async open(video) {
    const stream = await navigator.mediaDevices.getUserMedia(WANTED);
    video.srcObject = stream;
    await video.play();
    return new Camera(stream, video);
  }

  /** Return the present picture as a JPEG file. It exists in memory alone. */
  async frame() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
    this.#canvas.width = Math.round(width * scale);
    this.#canvas.height = Math.round(height * scale);
    this.#canvas.getContext("2d").drawImage(this.#video, 0, 0, this.#canvas.width, this.#canvas.height);
    for (const quality of QUALITIES) {
      const file = await new Promise((resolve) => this.#canvas.toBlob(resolve, "image/jpeg", quality));
      if (file && file.size <= LARGEST_FRAME) return file;
    }
    throw new Error("no frame");
  }

  /** Close the camera and forget the last picture. */
  close() {
    for (const track of this.#stream.getTracks()) track.stop();
    this.#video.srcObject = null;
    this.#canvas.width = 0;
  }
}
