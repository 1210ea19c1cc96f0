import { createHash } from 'node:crypto'

/**
 * Matrix transaction id of one effect. The ghost and the room are part of it: a homeserver compares
 * transaction ids per application service, so two ghosts with equal ids would lose a message.
 */
export function txnIdOf(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 32)
}
