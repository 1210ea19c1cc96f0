import { Router, type Request, type Response } from 'express'
import { asRoomAlias, asUserId, type RoomAlias, type UserId } from '../model/ids.ts'
import { refuse, tooLate } from './refuse.ts'

/** The protocol's name in the registration and in every answer. */
const protocolName = 'activitypub'

type Fields = Readonly<Record<string, string>>
type Found<Named> = readonly (Named & { readonly fields: Fields })[]
type Users = Found<{ readonly userid: UserId }>
type Locations = Found<{ readonly alias: RoomAlias }>

export type ThirdPartyOptions = {
  readonly usersNamed: (handle: string) => Promise<Users>
  readonly usersOf: (userId: UserId) => Promise<Users>
  readonly locationsNamed: (handle: string) => Promise<Locations>
  readonly locationsOf: (alias: RoomAlias) => Promise<Locations>
  /** Answers nothing where that takes too long. */
  readonly inTime: <T>(ask: () => Promise<T>) => Promise<T | 'too-late'>
}

const longestField = 1_000

/** What the network is, and by what its people are found. */
const protocol = {
  user_fields: ['handle'],
  location_fields: ['handle'],
  icon: '',
  field_types: {
    handle: { regexp: '@?[^@\\s]+@[^@\\s]+', placeholder: '@user@social.example' },
  },
  instances: [{ desc: 'The fediverse', network_id: protocolName, fields: {} }],
}

const textOf = ({ query }: Request, name: string): string => {
  const value = query[name]
  return typeof value === 'string' && value.length <= longestField ? value : ''
}

type Find = (text: string) => Promise<Found<object>>

/**
 * `/_matrix/app/v1/thirdparty/…` (Application Service API): by the fields of our protocol, and back by
 * Matrix id or alias. Nobody found is an empty list, which clients take better than an error.
 */
export function thirdPartyRoutes(options: ThirdPartyOptions): Router {
  const router = Router({ caseSensitive: true })
  const answer = (field: string, find: Find) => async (req: Request, res: Response) => {
    const text = textOf(req, field)
    const found = text === '' ? [] : await options.inTime(() => find(text))
    if (found === 'too-late') refuse(res, tooLate)
    else res.status(200).json(found.map((one) => ({ ...one, protocol: protocolName })))
  }
  const base = '/_matrix/app/v1/thirdparty'
  router.get(`${base}/protocol/${protocolName}`, (_, res) => void res.status(200).json(protocol))
  router.get(`${base}/user/${protocolName}`, answer('handle', options.usersNamed))
  router.get(`${base}/location/${protocolName}`, answer('handle', options.locationsNamed))
  router.get(
    `${base}/user`,
    answer('userid', (id) => options.usersOf(asUserId(id))),
  )
  router.get(
    `${base}/location`,
    answer('alias', (id) => options.locationsOf(asRoomAlias(id))),
  )
  return router
}
