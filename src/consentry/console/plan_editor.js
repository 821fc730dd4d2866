// Lines and areas over a pixelated still. Points are dragged by mouse or finger, or moved by the arrow keys (Shift: ten times as far).
// Coordinates are pixels of the camera's picture; the server judges every change and answers with what cannot count.

export default {
  template: `
    <div class="picture" ref="picture">
      <svg :viewBox="'0 0 ' + width + ' ' + height" role="group" :aria-label="words.picture" :style="{ '--unit': unit }"
           @pointermove="drag" @pointerup="drop" @pointercancel="drop">
        <g v-if="cells.length" aria-hidden="true" shape-rendering="crispEdges">
          <rect v-for="cell in cells" :x="cell[0]" :y="cell[1]" :width="cell[2]" :height="cell[3]" :fill="cell[4]" />
        </g>
        <rect v-else :width="width" :height="height" fill="#26302f" aria-hidden="true" />
        <g v-for="(shape, index) in shapes" :key="shape.kind + shape.id" :class="{ 'plan-wrong': wrong.includes(index), 'plan-chosen': chosen === index }">
          <template v-if="shape.kind === 'line'">
            <line class="plan-under" v-bind="ends(shape)" :stroke-width="7 * unit" />
            <line class="plan-line" v-bind="ends(shape)" :style="{ strokeWidth: 3 * unit }" />
            <path class="plan-way" :d="arrow(shape)" :stroke-width="3 * unit" />
            <text class="plan-name" :style="lettering" :x="tip(shape)[0]" :y="tip(shape)[1]" text-anchor="middle">{{ words.inwards }}</text>
          </template>
          <polygon v-else class="plan-area" :points="shape.points.map((point) => point.join(',')).join(' ')" :style="{ strokeWidth: 2 * unit }" />
          <text class="plan-name" :style="lettering" :x="anchor(shape)[0]" :y="anchor(shape)[1]" text-anchor="middle">{{ shape.name }}</text>
          <g v-for="(point, corner) in fixed ? [] : shape.points" :key="corner">
            <circle class="plan-touch" :cx="point[0]" :cy="point[1]" :r="22 * unit" fill="transparent" @pointerdown="grab($event, index, corner)" />
            <circle class="plan-handle" :cx="point[0]" :cy="point[1]" :r="8 * unit" tabindex="0" role="button"
                    :aria-label="label(shape, corner)" @keydown="key($event, index, corner)" @focus="pick(index)" @pointerdown="grab($event, index, corner)" />
          </g>
        </g>
      </svg>
    </div>`,
  props: { width: Number, height: Number, cells: Array, plan: Array, wrong: Array, words: Object, fixed: Boolean, version: Number },
  data() {
    return { shapes: structuredClone(Vue.toRaw(this.plan)), chosen: null, held: null, shown: 800 };
  },
  mounted() {
    this.watcher = new ResizeObserver(([entry]) => (this.shown = entry.contentRect.width || 800));
    this.watcher.observe(this.$refs.picture);
  },
  unmounted() {
    this.watcher.disconnect();
  },
  watch: {
    // Only a new version is taken over: an answer to an earlier move must not undo a later one.
    version() {
      this.shapes = structuredClone(Vue.toRaw(this.plan));
    },
  },
  computed: {
    unit() {
      return this.width / this.shown;
    },
    lettering() {
      return { fontSize: `${13 * this.unit}px`, strokeWidth: `${4 * this.unit}px` };
    },
  },
  methods: {
    ends(shape) {
      const [[x1, y1], [x2, y2]] = shape.points;
      return { x1, y1, x2, y2 };
    },
    // In is from the left bank to the right one, seen walking from start to end.
    across(shape, reach) {
      const [[x1, y1], [x2, y2]] = shape.points;
      const long = Math.hypot(x2 - x1, y2 - y1) || 1;
      const [nx, ny] = [-(y2 - y1) / long, (x2 - x1) / long];
      return [(x1 + x2) / 2 + nx * reach * this.unit, (y1 + y2) / 2 + ny * reach * this.unit, nx, ny];
    },
    arrow(shape) {
      const [ax, ay] = this.across(shape, 4);
      const [bx, by, nx, ny] = this.across(shape, 26);
      const wing = 7 * this.unit;
      const side = (turn) => `${bx - nx * wing + turn * ny * wing} ${by - ny * wing - turn * nx * wing}`;
      return `M${ax} ${ay}L${bx} ${by}M${side(1)}L${bx} ${by}L${side(-1)}`;
    },
    tip(shape) {
      const [x, y] = this.across(shape, 42);
      return [x, y + 4 * this.unit];
    },
    anchor(shape) {
      if (shape.kind === "line") {
        const [x, y, nx] = this.across(shape, -20);
        // Beside an upright line there may be no room for a name; above its upper end there is.
        if (Math.abs(nx) < 0.7) return this.onPicture(x, y + 4 * this.unit);
        const [top] = [...shape.points].sort((one, other) => one[1] - other[1]);
        return this.onPicture(top[0], top[1] - 16 * this.unit);
      }
      const total = shape.points.reduce(([x, y], point) => [x + point[0], y + point[1]], [0, 0]);
      return total.map((sum) => sum / shape.points.length);
    },
    onPicture(x, y) {
      const margin = 70 * this.unit;
      return [Math.min(this.width - margin, Math.max(margin, x)), Math.max(16 * this.unit, y)];
    },
    label(shape, corner) {
      const [x, y] = shape.points[corner].map(Math.round);
      return this.words.point.replace("{name}", shape.name).replace("{number}", corner + 1).replace("{x}", x).replace("{y}", y);
    },
    pick(index) {
      this.chosen = index;
      this.$emit("picked", { index: [String(index)] });
    },
    grab(event, index, corner) {
      event.preventDefault();
      event.target.closest("g").querySelector(".plan-handle").focus();
      this.$refs.picture.querySelector("svg").setPointerCapture(event.pointerId);
      this.held = { index, corner };
    },
    drag(event) {
      if (this.held === null) return;
      const box = this.$refs.picture.getBoundingClientRect();
      this.move(this.held, (event.clientX - box.left) * this.unit, (event.clientY - box.top) * this.unit);
    },
    drop() {
      if (this.held === null) return;
      this.held = null;
      this.tell();
    },
    key(event, index, corner) {
      const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      if (!(event.key in steps)) return;
      event.preventDefault();
      const far = (event.shiftKey ? 0.05 : 0.005) * this.width;
      const [x, y] = this.shapes[index].points[corner];
      this.move({ index, corner }, x + steps[event.key][0] * far, y + steps[event.key][1] * far);
      this.tell();
    },
    move({ index, corner }, x, y) {
      const within = (value, most) => Math.round(Math.min(most, Math.max(0, value)) * 10) / 10;
      this.shapes[index].points[corner] = [within(x, this.width), within(y, this.height)];
    },
    tell() {
      this.$emit("moved", { plan: [JSON.stringify(this.shapes)] });
    },
  },
};
