import { createHash } from 'node:crypto'
import { asMxc, type Mxc } from './ids.ts'

/** Server name and media id (client-server API, "Matrix Content (mxc://) URIs"); neither can be a dot segment. */
const form = /^mxc:\/\/([A-Za-z0-9[][A-Za-z0-9.:[\]-]*)\/([A-Za-z0-9_-]+)$/
/** Both parts are at most 255 bytes. */
const longest = 510

/** Undefined for anything else. */
export const mxcOf = (value: unknown): Mxc | undefined =>
  typeof value === 'string' && value.length <= longest && form.test(value)
    ? asMxc(value)
    : undefined

export function partsOfMxc(mxc: Mxc): { readonly server: string; readonly id: string } | undefined {
  const [, server, id] = form.exec(mxc) ?? []
  return server === undefined || id === undefined ? undefined : { server, id }
}

/** A URL of ours that changes with its picture: whoever keeps it asks again only for a new one. */
export const pictureUrl = (url: string, mxc: Mxc): string =>
  `${url}?v=${createHash('sha256').update(mxc).digest('hex').slice(0, 12)}`
