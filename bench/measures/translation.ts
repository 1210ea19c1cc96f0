import { limitRow, type Measure, type Row } from '../row.ts'
import { startSubject } from '../subject.ts'

type Spread = { readonly posts: number; readonly p50: number; readonly p99: number }
type Figures = { readonly folder: string; readonly inward: Spread; readonly outward: Spread }

const rowOf = (way: string, { p50, p99 }: Spread): Row =>
  limitRow(`translation ${way}, CPU per post, p99`, p99, {
    ...{ unit: 'µs', most: 500, beside: `p50 ${p50.toFixed(1)}` },
  })

/** From the document to what is to be done, and from the message to the JSON that is sent. */
export const translation: Measure = {
  name: 'translation',
  async run(tell) {
    const subject = await startSubject({ script: 'ours/translation.ts' })
    const { folder, inward, outward } = await subject.ask<Figures>('measure')
    await subject.stop()
    tell(`${inward.posts} posts of ${folder}, ${outward.posts} texts back`)
    return [rowOf('AP → Matrix', inward), rowOf('Matrix → AP', outward)]
  },
}
