import type { Request, Response } from 'express'
import type { ActorId } from '../model/ids.ts'
import type { Audience } from '../model/audience.ts'
import { actorUrls } from './actor-document.ts'
import { isSameHost } from './parse-values.ts'
import type { Requester, Requesters } from './requester.ts'
import { fail, personal } from './routes-answers.ts'

export type AccessDeps = {
  readonly requesters: Requesters
  /** Accepted followers whose ids begin so (`https://host/`), at most so many. */
  readonly followersOn: (id: ActorId, base: string, limit: number) => Promise<readonly ActorId[]>
}

/** Something that somebody of ours wrote for somebody. */
export type Guarded = {
  readonly author: ActorId
  readonly audience: Audience
  /** Public or unlisted. */
  readonly isOpen: boolean
}

/**
 * Lets readers to what they may see. Whoever may not is answered: 401 without a signature that holds,
 * 403 where the author or the server wants nothing to do with them, 404 for what is not theirs to
 * know of, 503 while their key cannot be had.
 */
export type Access = {
  /** Nothing is looked up for those who may not ask. */
  readonly admit: <T extends Guarded>(
    request: Request,
    response: Response,
    find: () => Promise<T | undefined>,
  ) => Promise<T | undefined>
  /** To what an actor shows to all who prove who they are. */
  readonly admitToActor: (
    request: Request,
    response: Response,
    author: ActorId,
  ) => Promise<Requester | undefined>
}

/** `https://host/`, with the port where there is one. */
export const baseOf = (url: string): string => new URL('/', url).href

export function createAccess({ requesters, followersOn }: AccessDeps): Access {
  const isAddressee = async ({ author, audience }: Guarded, actor: ActorId): Promise<boolean> => {
    const addressees = [...audience.to, ...audience.cc]
    // Its whole server: that has the text already.
    if (addressees.some((id) => isSameHost(id, actor))) return true
    if (!addressees.includes(actorUrls(author).followers)) return false
    return (await followersOn(author, baseOf(actor), 1)).length > 0
  }
  const askAll = async (request: Request, response: Response): Promise<Requester | undefined> => {
    personal(response)
    const requester = await requesters.find(request)
    if (requester.mayReadPublic) return requester
    refuseUnknown(response, requester)
    return undefined
  }
  return {
    async admit(request, response, find) {
      const requester = await askAll(request, response)
      if (requester === undefined) return undefined
      const found = await find()
      const { actor } = requester
      if (found === undefined) fail(response, 404, 'no such object')
      else if (found.isOpen && !(await requesters.isBarred(requester, found.author))) return found
      else if (found.isOpen) fail(response, 403, 'blocked')
      else if (actor === undefined && requester.trouble !== undefined) later(response)
      else if (
        actor !== undefined &&
        !(await requesters.isBarred(requester, found.author)) &&
        (await isAddressee(found, actor))
      )
        return found
      else fail(response, 404, 'no such object')
      return undefined
    },
    async admitToActor(request, response, author) {
      const requester = await askAll(request, response)
      if (requester === undefined) return undefined
      if (!(await requesters.isBarred(requester, author))) return requester
      fail(response, 403, 'blocked')
      return undefined
    },
  }
}

const later = (response: Response): void => fail(response, 503, 'the key cannot be fetched now')

function refuseUnknown(response: Response, { trouble }: Requester): void {
  if (trouble !== undefined) {
    later(response)
    return
  }
  response.setHeader('www-authenticate', 'Signature headers="(request-target) host date"')
  fail(response, 401, 'this needs an HTTP signature')
}
