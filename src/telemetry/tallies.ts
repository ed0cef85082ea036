// Counters and histograms of the data path. prom-client's own hash the labels of every observation, which cost more than reading an
// object's row; here whoever counts holds on to a cell, and prom-client gets the numbers when it asks.
import type { MetricObjectWithValues, MetricValue, Registry } from 'prom-client';

type Labels = Readonly<Record<string, string | number>>;
type Values = Omit<MetricObjectWithValues<MetricValue<string>>, 'collect'>;

interface Options {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

/** Cells by label values; as many values as the metric has labels. */
abstract class Tally<Cell> {
  readonly name: string;
  readonly help: string;
  readonly aggregator = 'sum';
  readonly #labelNames: readonly string[];
  readonly #cells = new Map<string, { readonly labels: Labels; readonly cell: Cell }>();
  readonly #near: Map<string, Cell> = new Map();

  constructor({ name, help, labelNames }: Options) {
    this.name = name;
    this.help = help;
    this.#labelNames = labelNames;
  }

  /** The cell of these label values, made when it is first asked for. */
  of(...values: readonly string[]): Cell {
    if (values.length === 1) {
      const near = this.#near.get(values[0]!);
      if (near !== undefined) return near;
    }
    const id = values.join('\n');
    const found = this.#cells.get(id);
    if (found !== undefined) return found.cell;
    if (values.length !== this.#labelNames.length) throw new TypeError(`${this.name}: ${values.length} label values`);
    const cell = this.make();
    this.#cells.set(id, { labels: Object.fromEntries(this.#labelNames.map((name, at) => [name, values[at]!])), cell });
    if (values.length === 1) this.#near.set(id, cell);
    return cell;
  }

  protected abstract make(): Cell;
  protected abstract valuesOf(cell: Cell, labels: Labels): MetricValue<string>[];
  protected abstract readonly type: 'counter' | 'histogram';

  /** What a registry of prom-client asks of a metric. */
  async get(): Promise<Values> {
    const values = [...this.#cells.values()].flatMap(({ cell, labels }) => this.valuesOf(cell, labels));
    return { name: this.name, help: this.help, type: this.type as never, values, aggregator: this.aggregator };
  }

  reset(): void {
    this.#cells.clear();
    this.#near.clear();
  }
}

export class CounterCell {
  value = 0;

  add(amount: number): void {
    this.value += amount;
  }
}

export class CounterTally extends Tally<CounterCell> {
  protected readonly type = 'counter';

  protected make(): CounterCell {
    return new CounterCell();
  }

  protected valuesOf({ value }: CounterCell, labels: Labels): MetricValue<string>[] {
    return [{ value, labels }];
  }
}

export class HistogramCell {
  readonly bounds: readonly number[];
  /** One more than the bounds: what lies above them all. */
  readonly counts: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    let at = 0;
    while (at < this.bounds.length && value > this.bounds[at]!) at++;
    this.counts[at]! += 1;
    this.sum += value;
  }
}

export class HistogramTally extends Tally<HistogramCell> {
  protected readonly type = 'histogram';
  readonly #bounds: readonly number[];

  constructor(options: Options, bounds: readonly number[]) {
    super(options);
    this.#bounds = bounds;
  }

  protected make(): HistogramCell {
    return new HistogramCell(this.#bounds);
  }

  protected valuesOf({ counts, sum }: HistogramCell, labels: Labels): MetricValue<string>[] {
    let below = 0;
    const buckets = counts.map((count, at) => {
      below += count;
      return { value: below, labels: { le: this.#bounds[at] ?? '+Inf', ...labels }, metricName: `${this.name}_bucket` };
    });
    return [
      ...buckets,
      { value: sum, labels, metricName: `${this.name}_sum` },
      { value: below, labels, metricName: `${this.name}_count` },
    ] as MetricValue<string>[];
  }
}

/** prom-client asks for no more of a metric than what a tally has. */
export const registerTally = (registry: Registry, tally: CounterTally | HistogramTally): void =>
  registry.registerMetric(tally as never);
