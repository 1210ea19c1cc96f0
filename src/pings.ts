/** Pings of the homeserver that were asked for by an id. */
export type Pings = {
  readonly note: (id: string) => void
  readonly heard: (id: string) => boolean
}

/** Nobody asks for more at the same time. */
const mostRemembered = 50

/** Remembers the newest. */
export function rememberPings(): Pings {
  const ids = new Set<string>()
  return {
    note(id) {
      const [oldest] = ids
      if (ids.size >= mostRemembered && oldest !== undefined) ids.delete(oldest)
      ids.add(id)
    },
    heard: (id) => ids.has(id),
  }
}
