import type { AdminSamples } from '../../model/admin-view.ts'
import { jobNames } from '../../model/job-names.ts'
import { byKind, type JobKind } from '../../model/job.ts'
import type { QueueSample } from '../../model/queue-sample.ts'
import { html, type Html } from '../pages/html.ts'
import { counted, toDay, toMinute } from '../pages/words.ts'

/** From the bottom up. */
const kinds: readonly JobKind[] = ['delivery', 'activity', 'event', 'upkeep']

const hour = 3_600_000
const day = 24 * hour
/** Of the drawing, in its own units. */
const [width, height, bottom] = [720, 230, 26]

/** A period that is drawn: how far apart its points are, and the marks below it. */
type Period = { readonly days: 1 | 7; readonly step: number; readonly mark: number }

export const periods: readonly Period[] = [
  { days: 1, step: hour / 12, mark: 4 * hour },
  { days: 7, step: hour, mark: day },
]

/** Of samples in one step the most of each kind, so that no heap between two points is missed. */
export function pointsOf(samples: readonly QueueSample[], step: number): readonly QueueSample[] {
  const points = new Map<number, QueueSample>()
  for (const { at, waiting, failed } of samples) {
    const place = Math.floor(at / step) * step
    const before = points.get(place)
    points.set(place, {
      at: place,
      failed: Math.max(failed, before?.failed ?? 0),
      waiting: byKind((kind) => Math.max(waiting[kind], before?.waiting[kind] ?? 0)),
    })
  }
  return [...points.values()].toSorted((a, b) => a.at - b.at)
}

const totalOf = ({ waiting }: QueueSample): number =>
  kinds.reduce((sum, kind) => sum + waiting[kind], 0)

/** Lines at round numbers, at most five, the last at or above all that is drawn. */
export function scaleOf(most: number): readonly number[] {
  const rough = Math.max(most, 4) / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? rough
  return Array.from({ length: Math.ceil(Math.max(most, 4) / step) }, (_, n) => (n + 1) * step)
}

/** Pieces without a gap: while the bridge did not run, nothing is known. */
function piecesOf(
  points: readonly QueueSample[],
  longest: number,
): readonly (readonly QueueSample[])[] {
  const pieces: QueueSample[][] = []
  for (const point of points) {
    const piece = pieces.at(-1)
    const last = piece?.at(-1)
    if (piece === undefined || last === undefined || point.at - last.at > longest)
      pieces.push([point])
    else piece.push(point)
  }
  return pieces
}

type Frame = { readonly from: number; readonly to: number; readonly top: number }

const xOf = (at: number, { from, to }: Frame): number => ((at - from) / (to - from)) * width
const yOf = (count: number, { top }: Frame): number => height - (count / top) * height
const place = (x: number, y: number): string => `${x.toFixed(1)},${y.toFixed(1)}`

/** What of the kinds up to that one waits. */
const below = ({ waiting }: QueueSample, index: number): number =>
  kinds.slice(0, index).reduce((sum, kind) => sum + waiting[kind], 0)

/** A piece of one kind, from what lies below it up to its edge. */
function areaOf(piece: readonly QueueSample[], index: number, frame: Frame): Html {
  const edge = (upTo: number): readonly string[] => {
    const points = piece.map((point) => ({
      x: xOf(point.at, frame),
      y: yOf(below(point, upTo), frame),
    }))
    const [first] = points
    // One point alone would be nothing to see.
    const wide =
      points.length > 1 || first === undefined ? points : [first, { ...first, x: first.x + 3 }]
    return wide.map(({ x, y }) => place(x, y))
  }
  const upper = edge(index + 1)
  const kind = kinds[index] ?? 'upkeep'
  const all = [...upper, ...edge(index).toReversed()]
  return html`<polygon class="area ${kind}" points="${all.join(' ')}" />
    <polyline class="edge ${kind}" points="${upper.join(' ')}" /> `
}

const shortCount = (count: number): string =>
  count >= 1_000 ? `${Number((count / 1_000).toFixed(1))}k` : String(count)

function gridOf(lines: readonly number[], frame: Frame): Html {
  return html`${[0, ...lines].map((count) => {
    const y = yOf(count, frame).toFixed(1)
    return html`<line class="grid" x1="0" x2="${width}" y1="${y}" y2="${y}" /> `
  })}`
}

const labelsOf = (lines: readonly number[], frame: Frame): Html =>
  html`${lines.map(
    (count) =>
      html`<text x="2" y="${(yOf(count, frame) - 4).toFixed(1)}">${shortCount(count)}</text> `,
  )}`

function marksOf({ mark, days }: Period, frame: Frame): Html {
  const first = Math.ceil(frame.from / mark) * mark
  const marks: Html[] = []
  for (let at = first; at < frame.to; at += mark) {
    const x = xOf(at, frame)
    // One at the very edge would be cut.
    if (x < 25 || x > width - 25) continue
    const text = days === 1 ? new Date(at).toISOString().slice(11, 16) : toDay(at).slice(0, -5)
    marks.push(
      html`<text x="${x.toFixed(1)}" y="${height + bottom}" text-anchor="middle">${text}</text> `,
    )
  }
  return html`${marks}`
}

function drawing(points: readonly QueueSample[], period: Period, frame: Frame): Html {
  const lines = scaleOf(frame.top)
  const pieces = piecesOf(points, 3 * period.step)
  const shown = kinds.flatMap((kind, index) =>
    points.some(({ waiting }) => waiting[kind] > 0) ? [index] : [],
  )
  const areas = pieces.flatMap((piece) => shown.map((index) => areaOf(piece, index, frame)))
  const most = Math.max(...points.map(totalOf))
  const words = `At most ${most} waited at the same time; the table below has the numbers.`
  return html`<svg
    class="plot"
    viewBox="0 -26 ${width} ${height + bottom + 34}"
    role="img"
    aria-label="${words}"
  >
    ${gridOf(lines, frame)}${areas}${labelsOf(lines, frame)}${marksOf(period, frame)}
  </svg>`
}

export const dotOf = (kind: JobKind): Html =>
  html`<svg class="dot ${kind}" viewBox="0 0 10 10" aria-hidden="true">
    <rect width="10" height="10" rx="2" />
  </svg>`

const legend = html`<ul class="legend">
  ${kinds.toReversed().map((kind) => html`<li>${dotOf(kind)}${jobNames[kind]}</li>`)}
</ul>`

/** The same numbers, an hour or a quarter of a day a row, the newest first. */
function tableOf(samples: readonly QueueSample[], { days }: Period): Html {
  const rows = pointsOf(samples, days === 1 ? hour : 6 * hour).toReversed()
  return html`<details>
    <summary>The same as a table</summary>
    <div class="table" tabindex="0" role="region" aria-label="How much waited, as a table">
      <table>
        <thead>
          <tr>
            <th scope="col">${days === 1 ? 'In the hour from' : 'In the six hours from'}</th>
            ${kinds.map((kind) => html`<th scope="col">${jobNames[kind]}</th>`)}
            <th scope="col">Given up</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ at, waiting, failed }) =>
              html`<tr>
                <th scope="row">${toMinute(at)}</th>
                ${kinds.map((kind) => html`<td>${waiting[kind]}</td>`)}
                <td>${failed}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`
}

/** How much waited over the last day or week. */
export function chartView({ now, samples }: AdminSamples, period: Period): Html {
  const points = pointsOf(samples, period.step)
  const span = period.days === 1 ? 'the last 24 hours' : 'the last 7 days'
  if (points.length === 0)
    return html`<p>Nothing of ${span} was noted. It is noted every five minutes, from now on.</p>`
  const most = Math.max(...points.map(totalOf))
  const top = scaleOf(most).at(-1) ?? most
  const frame = { from: now - period.days * day, to: now, top }
  return html`<figure class="chart">
    <figcaption>
      Waiting in ${span}, at most ${counted(most, 'piece of work', 'pieces of work')} at a time.
      Times are UTC.
    </figcaption>
    ${drawing(points, period, frame)} ${legend} ${tableOf(samples, period)}
  </figure>`
}
