/** activitypub-express' store in memory: activities ("streams"), objects and a delivery queue. */
export function makeStore() {
  const objects = new Map()
  const activities = new Map()
  const queue = []
  let last = 0
  const nextId = () => (++last).toString(16).padStart(24, '0')
  const view = (value, withMeta) => {
    if (!value) return undefined
    const copy = structuredClone(value)
    if (!withMeta) delete copy._meta
    return copy
  }
  const has = (field, id) => [field].flat().some((value) => value === id)
  const inCollection = (collection) => (activity) => has(activity._meta?.collection, collection)
  const find = (collection, test) =>
    [...activities.values()].find((a) => inCollection(collection)(a) && test(a))

  function merge(target, changes) {
    for (const [key, value] of Object.entries(changes)) {
      if (key === 'id') continue
      if (value === null) delete target[key]
      else target[key] = structuredClone(value)
    }
    return target
  }

  /** Activities hold copies of their objects: they follow the original. */
  function refreshCopies(object) {
    for (const activity of activities.values()) {
      if (!Array.isArray(activity.object)) continue
      activity.object = activity.object.map((o) => (o?.id === object.id ? view(object) : o))
    }
  }

  return {
    db: {},
    setup: async (actor) => void (actor && objects.set(actor.id, actor)),
    generateId: nextId,
    getObject: async (id, withMeta) => view(objects.get(id), withMeta === true),
    async saveObject(object) {
      if (objects.has(object.id)) return false
      objects.set(object.id, structuredClone(object))
      return true
    },
    async updateObject(object, _actorId, fullReplace) {
      const known = objects.get(object.id)
      if (!known) return undefined
      const meta = known._meta
      const next = fullReplace ? structuredClone(object) : merge(known, object)
      if (meta) next._meta ??= meta
      objects.set(object.id, next)
      refreshCopies(next)
      return view(next)
    },
    getActivity: async (id, withMeta) => view(activities.get(id), withMeta),
    findActivityByCollectionAndObjectId: async (collection, id, withMeta) =>
      view(
        find(collection, (a) => has(a.object, id)),
        withMeta,
      ),
    findActivityByCollectionAndActorId: async (collection, id, withMeta) =>
      view(
        find(collection, (a) => has(a.actor, id)),
        withMeta,
      ),
    async getStream(collection, limit, after, blocked) {
      const stream = [...activities.values()]
        .filter(inCollection(collection))
        .filter((a) => !blocked?.some((id) => has(a.actor, id)) && (!after || a._id < after))
        .sort((a, b) => (a._id < b._id ? 1 : -1))
        .slice(0, limit ?? undefined)
      return stream.map((a) => {
        const actors = [a.actor].flat().map((actor) => view(objects.get(actor)) ?? actor)
        return { ...view(a), actor: actors }
      })
    },
    getStreamCount: async (collection) =>
      [...activities.values()].filter(inCollection(collection)).length,
    getUserCount: async () => [...objects.values()].filter((o) => o._meta?.privateKey).length,
    async saveActivity(activity) {
      if (activities.has(activity.id)) return undefined
      activities.set(activity.id, { ...structuredClone(activity), _id: nextId() })
      return true
    },
    async removeActivity(activity, actorId) {
      if (has(activities.get(activity.id)?.actor, actorId)) activities.delete(activity.id)
    },
    async updateActivity(activity, fullReplace) {
      const known = activities.get(activity.id)
      if (!known) return activity
      const next = fullReplace
        ? { ...structuredClone(activity), _id: known._id, _meta: activity._meta ?? known._meta }
        : merge(known, activity)
      activities.set(activity.id, next)
      refreshCopies(next)
      return view(next, true)
    },
    async updateActivityMeta(activity, key, value, remove) {
      const known = activities.get(activity.id)
      if (!known) throw new Error(`no activity ${activity.id}`)
      known._meta ??= {}
      const others = (known._meta[key] ?? []).filter((other) => other !== value)
      known._meta[key] = remove ? others : [...others, value]
      return view(known, true)
    },
    /** Nothing outside loopback is reached: an unknown context defines nothing. */
    getContext: async (url) => ({ documentUrl: url, document: { '@context': {} } }),
    saveContext: async () => {},
    async deliveryEnqueue(actorId, body, addresses, signingKey) {
      for (const address of [addresses ?? []].flat()) {
        queue.push({ address, actorId, signingKey, body, attempt: 0, after: new Date() })
      }
      return true
    },
    async deliveryDequeue() {
      const now = new Date()
      const index = queue.findIndex((delivery) => delivery.after <= now)
      if (index >= 0) return queue.splice(index, 1)[0]
      const next = queue.map((delivery) => delivery.after).sort((a, b) => a - b)[0]
      return next ? { waitUntil: next } : null
    },
    /** Tries again soon and for ever: a test has no five months. */
    async deliveryRequeue(delivery) {
      const attempt = Math.min(delivery.attempt + 1, 5)
      queue.push({ ...delivery, attempt, after: new Date(Date.now() + 100 * 2 ** attempt) })
      return true
    },
  }
}
