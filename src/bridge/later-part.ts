import { createHash } from 'node:crypto'
import { firstEditPart } from '../model/note.ts'

/** The part of a post that an event is which came later, and goes with it: by what names that event. */
export const laterPart = (name: string): number =>
  firstEditPart + createHash('sha256').update(name).digest().readUIntBE(0, 6)
