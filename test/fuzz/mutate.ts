import type { Chance } from '../simulation/chance.ts'
import {
  aMember,
  anId,
  aType,
  hosts,
  nested,
  oddText,
  oddValue,
  pickFrom,
  rawMark,
} from './values.ts'

type Container = Record<string, unknown> | unknown[]

/** Where a value stands. */
type Place = { readonly inside: Container; readonly key: string | number }

const mostPlaces = 400

const isContainer = (value: unknown): value is Container =>
  typeof value === 'object' && value !== null

const get = ({ inside, key }: Place): unknown => Reflect.get(inside, key)

/** Under any name whatever; lists have none. */
function set({ inside, key }: Place, value: unknown): void {
  if (Array.isArray(inside) && typeof key === 'string') return void inside.push(value)
  Object.defineProperty(inside, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  })
}

/** Every place in a tree, those near its root first. */
function placesIn(root: Container): Place[] {
  const places: Place[] = []
  const waiting: Container[] = [root]
  for (let at = 0; at < waiting.length && places.length < mostPlaces; at++) {
    const inside = waiting[at] ?? []
    const keys = Array.isArray(inside) ? inside.map((_, index) => index) : Object.keys(inside)
    for (const key of keys) {
      places.push({ inside, key })
      const value: unknown = Reflect.get(inside, key)
      if (isContainer(value)) waiting.push(value)
    }
  }
  return places
}

/** The same value, said as another kind of value. */
function retyped(value: unknown, chance: Chance): unknown {
  switch (chance.int(7)) {
    case 0:
      return [value]
    case 1:
      return { id: value, type: aType(chance) }
    case 2:
      return Array.isArray(value) ? (value[0] as unknown) : [value, oddValue(chance)]
    case 3:
      return { en: value, [oddText(chance).slice(0, 50)]: value }
    case 4:
      if (isContainer(value)) return '[object Object]'
      return typeof value === 'string' ? value.length : String(value)
    case 5:
      return isContainer(value) ? Object.keys(value) : { '@value': value, '@id': value }
    default:
      return nested(chance, value)
  }
}

function changedText(text: string, chance: Chance): string {
  const at = chance.int(text.length + 1)
  switch (chance.int(8)) {
    case 0:
      return text.slice(0, at) + oddText(chance) + text.slice(at)
    case 1:
      return text.slice(0, at)
    case 2:
      return text.toUpperCase()
    case 3:
      return text.replace(/\/\/[^/]+/, `//${pickFrom(chance, hosts, '')}`)
    case 4:
      return text + text
    case 5:
      return text.slice(0, at) + text.slice(at + 1)
    case 6:
      return text.repeat(chance.between(2, 20)).slice(0, 100_000)
    default:
      return oddText(chance) + text
  }
}

/** Characters that a repetition may come to. */
const longestList = 300_000

const lengthOf = (value: unknown): number =>
  ((JSON.stringify(value) as string | undefined) ?? '').length + 1

/** In a list: many of the same. Elsewhere a list of many. */
function repeated(value: unknown, chance: Chance): unknown {
  const wanted = chance.happens(0.95) ? chance.between(2, 40) : chance.between(100, 2_000)
  const count = Math.min(wanted, Math.floor(longestList / lengthOf(value)))
  const all = Array.isArray(value) ? (value as unknown[]) : [value]
  return Array.from({ length: count }, (_, index) => all[index % Math.max(all.length, 1)])
}

type Setting = {
  readonly chance: Chance
  readonly root: Container
  readonly places: readonly Place[]
  /** Another tree to take something out of. */
  readonly other: unknown
}

function rename({ inside, key }: Place, name: string): void {
  if (Array.isArray(inside)) return
  const value: unknown = inside[key]
  Reflect.deleteProperty(inside, key)
  set({ inside, key: name }, value)
}

const remove = ({ inside, key }: Place): void => {
  if (Array.isArray(inside)) inside.splice(Number(key), 1)
  else Reflect.deleteProperty(inside, key)
}

/** A copy without what a tree could grow by for ever. */
const copyOf = (value: unknown): unknown => {
  const text = JSON.stringify(value) as string | undefined
  return text === undefined || text.length > 20_000 ? null : (JSON.parse(text) as unknown)
}

/** Said twice under one name: `write` takes the mark away. */
const twin = (key: string | number): string => `${key}\u0001`

/** What stands in the place of a value. */
function replacement(value: unknown, { chance, root, places, other }: Setting): unknown {
  const elsewhere = chance.pick(places)
  switch (chance.int(9)) {
    case 0:
    case 1:
      return oddValue(chance)
    case 2:
      return retyped(value, chance)
    case 3:
      return elsewhere === undefined ? null : copyOf(get(elsewhere))
    case 4:
      // A note that answers itself, a collection whose next page it is.
      return copyOf(Reflect.get(root, pickFrom(chance, ['id', 'actor', 'object'], 'id')))
    case 5:
      return repeated(value, chance)
    case 6:
      return isContainer(other) ? copyOf(pickFrom(chance, Object.values(other), 0)) : 0
    case 7:
      return anId(chance)
    default:
      return typeof value === 'string' ? changedText(value, chance) : oddValue(chance)
  }
}

function mutateAt(place: Place, setting: Setting): void {
  const { chance } = setting
  const { inside, key } = place
  const value = get(place)
  switch (chance.int(12)) {
    case 0:
      remove(place)
      break
    case 1:
      set({ inside, key: twin(key) }, chance.happens(0.5) ? value : oddValue(chance))
      break
    case 2:
      rename(place, aMember(chance))
      break
    case 3:
      set({ inside, key: aMember(chance) }, oddValue(chance))
      break
    default:
      set(place, replacement(value, setting))
  }
}

/** A value that was right, changed in one to six places; `other` lends its parts. */
export function mutate(value: unknown, other: unknown, chance: Chance): unknown {
  const root: unknown = JSON.parse(JSON.stringify(value))
  if (!isContainer(root)) return oddValue(chance)
  const count = chance.happens(0.1) ? 0 : chance.between(1, 6)
  for (let done = 0; done < count; done++) {
    const places = placesIn(root)
    const place = chance.pick(places)
    if (place === undefined) return root
    mutateAt(place, { chance, root, places, other })
  }
  return root
}

const raws = new RegExp(
  `"${JSON.stringify(rawMark).slice(1, -1).replace('\\', '\\\\')}([^"]*)"`,
  'g',
)

/** JSON text, in which a name may stand twice and a number may be larger than any. */
export function write(value: unknown): string {
  const text = (JSON.stringify(value) as string | undefined) ?? 'null'
  return text.includes('\\u0001') ? text.replace(raws, '$1').replaceAll('\\u0001', '') : text
}
