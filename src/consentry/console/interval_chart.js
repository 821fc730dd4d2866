// Bars of people in per interval with their error band, a stepped line of people out, and marks for what was not counted.
// Everything readable arrives in the reader's language; this file draws and lets a pointer or the arrow keys choose an interval.

const LEFT = 40;
const TOP = 8;
const BOTTOM = 24;

export default {
  template: `
    <div class="chart">
      <div class="chart-read" role="status">
        <b v-if="read.title">{{ read.title }}</b><span v-for="line in read.lines">{{ line }}</span>
      </div>
      <div ref="stage" class="chart-stage" tabindex="0" role="img" :aria-label="summary"
           @keydown="key" @pointermove="point" @pointerdown="point" @pointerleave="leave">
        <svg :viewBox="'0 0 ' + width + ' ' + height" :height="height" aria-hidden="true">
          <defs>
            <pattern id="imputed" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect class="hatch-ground" width="6" height="6" /><line class="hatch" x1="0" y1="0" x2="0" y2="6" />
            </pattern>
            <pattern id="missing" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <line class="gap" x1="0" y1="0" x2="0" y2="6" />
            </pattern>
          </defs>
          <rect v-for="run in runs" :class="run.state" :x="x(run.from)" :y="top" :width="x(run.to) - x(run.from)" :height="floor - top" />
          <g v-for="tick in ticks">
            <line class="rule" :x1="left" :x2="width" :y1="y(tick)" :y2="y(tick)" />
            <text :x="left - 8" :y="y(tick) + 4" text-anchor="end">{{ number(tick) }}</text>
          </g>
          <rect v-if="chosen !== null" class="chosen" :x="x(chosen)" :y="top" :width="step" :height="floor - top" />
          <rect v-for="bar in drawn" class="in" :class="[bar.state, { partly: bar.partly }]" :x="x(bar.place) + gap / 2" :y="y(bar.entered)"
                :width="Math.max(1, step - gap)" :height="Math.max(0, floor - y(bar.entered))" :rx="step > 8 ? 2 : 0" />
          <line v-for="bar in banded" class="band" :x1="x(bar.place) + step / 2" :x2="x(bar.place) + step / 2" :y1="y(bar.high)" :y2="y(bar.low)" />
          <line v-for="bar in resets" class="reset" :x1="x(bar.place)" :x2="x(bar.place)" :y1="top" :y2="floor" />
          <path v-for="path in leaving" class="out" :class="{ level: !drawn.length }" :d="path" />
          <line class="base" :x1="left" :x2="width" :y1="floor" :y2="floor" />
          <text v-for="mark in marks" :x="x(mark.place)" :y="height - 6" :text-anchor="mark.place ? 'middle' : 'start'">{{ mark.tick }}</text>
        </svg>
      </div>
    </div>`,
  props: { bars: Array, summary: String, hint: String, language: String, height: { type: Number, default: 280 } },
  data: () => ({ width: 900, chosen: null, left: LEFT, top: TOP }),
  mounted() {
    this.watcher = new ResizeObserver(([entry]) => (this.width = Math.max(200, Math.round(entry.contentRect.width))));
    this.watcher.observe(this.$refs.stage);
  },
  unmounted() {
    this.watcher.disconnect();
  },
  computed: {
    floor() {
      return this.height - BOTTOM;
    },
    step() {
      return (this.width - LEFT) / Math.max(1, this.bars.length);
    },
    gap() {
      return this.step > 6 ? Math.min(6, this.step * 0.25) : 0.5;
    },
    placed() {
      return this.bars.map((bar, place) => ({ ...bar, place }));
    },
    drawn() {
      return this.placed.filter((bar) => bar.entered !== null);
    },
    resets() {
      return this.placed.filter((bar) => bar.reset);
    },
    banded() {
      return this.step < 5 ? [] : this.drawn.filter((bar) => bar.high !== null && bar.high > bar.low);
    },
    highest() {
      return Math.max(1, ...this.bars.map((bar) => Math.max(bar.entered ?? 0, bar.left ?? 0, bar.high ?? 0)));
    },
    ticks() {
      const rough = this.highest / 4;
      const power = 10 ** Math.floor(Math.log10(rough));
      const unit = Math.max(1, [1, 2, 5, 10].find((nice) => nice * power >= rough) * power);
      return Array.from({ length: Math.ceil(this.highest / unit) + 1 }, (_, index) => index * unit);
    },
    marks() {
      const named = this.placed.filter((bar) => bar.tick);
      const every = Math.ceil((named.length * 52) / Math.max(1, this.width - LEFT));
      return named.filter((_, index) => index % every === 0);
    },
    runs() {
      const runs = [];
      for (const bar of this.placed) {
        if (bar.entered !== null || bar.left !== null || bar.state === "ahead") continue;
        const last = runs.at(-1);
        if (last && last.to === bar.place && last.state === bar.state) last.to += 1;
        else runs.push({ from: bar.place, to: bar.place + 1, state: bar.state });
      }
      return runs;
    },
    leaving() {
      const paths = [];
      let path = "";
      for (const bar of this.placed) {
        if (bar.left === null) {
          if (path) paths.push(path);
          path = "";
          continue;
        }
        path += `${path ? "L" : "M"}${this.x(bar.place)} ${this.y(bar.left)}H${this.x(bar.place + 1)}`;
      }
      return path ? [...paths, path] : paths;
    },
    read() {
      return this.chosen === null ? { title: "", lines: [this.hint] } : this.bars[this.chosen];
    },
  },
  methods: {
    x(place) {
      return LEFT + place * this.step;
    },
    y(value) {
      return this.floor - (value / this.ticks.at(-1)) * (this.floor - TOP);
    },
    number(value) {
      return new Intl.NumberFormat(this.language).format(value);
    },
    choose(place) {
      this.chosen = Math.min(this.bars.length - 1, Math.max(0, place));
    },
    point(event) {
      const across = event.clientX - this.$refs.stage.getBoundingClientRect().left - LEFT;
      this.choose(Math.floor(across / this.step));
    },
    leave(event) {
      if (event.pointerType === "mouse") this.chosen = null;
    },
    key(event) {
      const moves = { ArrowRight: 1, ArrowLeft: -1, PageDown: 4, PageUp: -4 };
      const from = this.chosen ?? -1;
      if (event.key in moves) this.choose(from + moves[event.key]);
      else if (event.key === "Home") this.choose(0);
      else if (event.key === "End") this.choose(this.bars.length - 1);
      else if (event.key === "Escape") this.chosen = null;
      else return;
      event.preventDefault();
    },
  },
};
