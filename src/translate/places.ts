import type { MatrixEvent, Text } from '../model/event.ts'
import type { OutgoingPlace } from '../model/outgoing.ts'
import { safeName } from '../model/names.ts'
import { element, renderHtml } from './html-tree.ts'

const toDegrees = (value: number): string => value.toFixed(5)

/** A page that shows the place to those whose server does not. */
const mapOf = ({ latitude, longitude }: OutgoingPlace): string =>
  `https://www.openstreetmap.org/?mlat=${toDegrees(latitude)}&mlon=${toDegrees(longitude)}#map=16/${toDegrees(latitude)}/${toDegrees(longitude)}`

/** The words of a location: clients write a sentence of their own around the coordinates. */
export function placeText(event: MatrixEvent & { type: 'message' | 'edit' }): Text {
  const { place, text } = event
  if (event.kind !== 'location' || place === undefined) return text
  const said = safeName(place.name ?? '', 500)
  const name = said === '' ? `${toDegrees(place.latitude)}, ${toDegrees(place.longitude)}` : said
  const href = mapOf(place)
  const line = element('p', ['📍 ', element('a', [name], { href })])
  return { body: `📍 ${name} ${href}`, html: renderHtml([line]), mentions: [] }
}
