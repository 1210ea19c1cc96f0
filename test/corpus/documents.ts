import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { idOf, isJson, type Json } from '../../src/activitypub/parse-values.ts'

/** A document of a corpus: a file of a folder named after the software that wrote it. */
export type Document = {
  /** `software/name.json` */
  readonly path: string
  readonly software: string
  readonly value: unknown
}

/** Everything in a folder, by path. Throws where a file is no JSON. */
export function documentsIn(folder: string): Document[] {
  const paths = globSync('**/*.json', { cwd: folder }).sort()
  return paths.map((name) => ({
    path: name,
    software: path.dirname(name).split(path.sep)[0] ?? '',
    value: unwrapped(JSON.parse(readFileSync(path.join(folder, name), 'utf8'))),
  }))
}

/** A recorded request is worth its body. */
function unwrapped(value: unknown): unknown {
  const body = isJson(value) && isJson(value['headers']) ? value['body'] : undefined
  if (typeof body !== 'string' || !body.startsWith('{')) return value
  try {
    return JSON.parse(body) as unknown
  } catch {
    return value
  }
}

/** All that have an id, as far as they stand for what the id names, and what stands inside of them. */
export function indexOf(documents: readonly Document[]): ReadonlyMap<string, Json> {
  const found = new Map<string, Json>()
  const add = (value: unknown, depth: number): void => {
    if (Array.isArray(value)) for (const item of value) add(item, depth)
    if (!isJson(value)) return
    const id = idOf(value)
    const known = id === undefined ? undefined : found.get(id)
    const isRicher = Object.keys(value).length > Object.keys(known ?? {}).length
    if (id !== undefined && value['type'] !== undefined && isRicher) found.set(id, value)
    if (depth < 4) for (const member of Object.values(value)) add(member, depth + 1)
  }
  for (const { value } of documents) add(value, 0)
  return found
}
