import type { Emoji } from '../model/note.ts'
import type { Json } from './parse-values.ts'

/** Misskey wants `updated`, Akkoma an id. */
export const toEmoji = ({ shortcode, url }: Emoji): Json => ({
  id: url,
  type: 'Emoji',
  name: `:${shortcode}:`,
  updated: '1970-01-01T00:00:00.000Z',
  icon: { type: 'Image', url },
})
