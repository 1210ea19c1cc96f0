import { randomUUID } from 'node:crypto'
import { ChatMessage, Create, Delete, Document, Link, Tombstone } from '@fedify/vocab'
import { Temporal } from '@js-temporal/polyfill'

/** What servers with chats say of themselves in NodeInfo. */
export const chatFeatures = { features: ['pleroma_chat_messages'] }

/** Files as such servers write them: the address is a link inside of a document. */
const fileOf = ({ url, mediaType, name }) =>
  new Document({ url: new Link({ href: new URL(url), mediaType }), mediaType, name })

/**
 * Chats beside posts, as Pleroma keeps them: a message is for exactly one, whom its Create names as
 * well, and says something or has a file. It is never edited.
 */
export function chats({ origin, world }) {
  const { accounts, send, actorUri, lookUp, newId } = world
  /** By id: what each account was told or has said. */
  const messages = new Map()

  const whyRefused = (create, { message, file, to }) => {
    if (create.actorId?.href !== message.attributionId?.href) return 'not by its actor'
    if (message.toIds.length !== 1 || message.ccIds.length > 0) return 'not for exactly one'
    if (create.toIds.length !== 1 || create.toIds[0].href !== to) return 'its Create names others'
    if (!message.published) return 'without a date'
    if (!message.content && file === undefined) return 'says nothing'
    return undefined
  }

  /** A Create whose signature was checked; undefined where it brings no chat message. */
  async function hear(context, create) {
    const message = await create.getObject(context)
    if (!(message instanceof ChatMessage)) return
    const [to] = message.toIds
    const owner = [...accounts.keys()].find((name) => actorUri(name).href === to?.href)
    const [attachment] = await Array.fromAsync(message.getAttachments(context))
    const file = attachment && { mediaType: attachment.mediaType, url: addressOf(attachment.url) }
    const told = { message, file, to: to?.href }
    const refused = owner === undefined ? 'for nobody here' : whyRefused(create, told)
    if (refused !== undefined) throw new Error(`${message.id?.href}: ${refused}`)
    const content = message.content?.toString() ?? ''
    const from = message.attributionId.href
    messages.set(message.id.href, { id: message.id.href, owner, from, content, file })
  }

  const addressOf = (url) => (url instanceof Link ? url.href?.href : url?.href)

  const operations = {
    /** What stands in the chats of an account. */
    chats: ({ as }) => [...messages.values()].filter(({ owner }) => owner === as),
    async chat({ as, to, content, file }) {
      const message = new ChatMessage({
        id: new URL(`${origin}/chats/${randomUUID()}`),
        attribution: actorUri(as),
        content,
        published: Temporal.Now.instant(),
        to: new URL(to),
        ...(file && { attachments: [fileOf(file)] }),
      })
      messages.set(message.id.href, { id: message.id.href, owner: as, from: actorUri(as).href })
      const fields = { id: newId(), actor: actorUri(as), object: message, to: new URL(to) }
      const activity = await send(as, await lookUp(to), new Create(fields))
      return { object: message.id.href, activity }
    },
    async unchat({ as, object, to }) {
      messages.delete(object)
      const tombstone = new Tombstone({ id: new URL(object), deleted: Temporal.Now.instant() })
      const fields = { id: newId(), actor: actorUri(as), object: tombstone, to: new URL(to) }
      return { activity: await send(as, await lookUp(to), new Delete(fields)) }
    },
  }
  /** Only who wrote it takes it away. */
  const forget = ({ actorId, objectId }) => {
    if (messages.get(objectId?.href)?.from === actorId.href) messages.delete(objectId.href)
  }
  return { hear, forget, operations }
}
