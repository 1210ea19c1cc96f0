import type { ActivityId, Mxc, ObjectId } from './ids.ts'

/** Something that somebody did; `seq` is its place among the others. */
export type OwnActivity = {
  readonly seq: number
  readonly id: ActivityId
  readonly type?: string
  /** Of what it tells, where that stands in it as a whole. */
  readonly object?: ObjectId
  /** JSON text. */
  readonly document: string
}

/** A file of a post of theirs. */
export type OwnFile = {
  readonly seq: number
  readonly id: string
  readonly mxc: Mxc
  readonly name?: string
  readonly mediaType?: string
}

/** How far an export is: what is behind these is still to come. */
export type ExportPlace = {
  readonly activities: number | 'done'
  readonly files: number
}
