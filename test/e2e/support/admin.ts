import { createHmac } from 'node:crypto'
import { demand } from './json-http.ts'
import type { Homeserver } from './homeserver.ts'
import { waitUntil } from './wait.ts'

/** An admin of the homeserver. */
export type Admin = {
  /** Deletes a room as the admin API (v2) does, and waits for the end of it. */
  deleteRoom(
    roomId: string,
    how?: { readonly purge?: boolean; readonly block?: boolean },
  ): Promise<void>
  /** Events that were reported, with the words of who did. */
  reported(): Promise<readonly { readonly event_id: string; readonly reason: string }[]>
  /** Gives a member of a room the power of whoever rules it; of a creator, 100. */
  makeRoomAdmin(roomId: string, userId: string): Promise<void>
}

/** Synapse's shared-secret registration: the only way to an admin without one. */
export async function registerAdmin({ url }: Homeserver, name: string): Promise<Admin> {
  const register = `${url}/_synapse/admin/v1/register`
  const { nonce } = await demand<{ nonce: string }>({ url: register })
  const password = `${name}-password`
  const mac = createHmac('sha1', 'only-for-tests')
    .update([nonce, name, password, 'admin'].join('\0'))
    .digest('hex')
  const { access_token: token } = await demand<{ access_token: string }>({
    method: 'POST',
    url: register,
    json: { nonce, username: name, password, admin: true, mac },
  })
  const rooms = `${url}/_synapse/admin/v2/rooms`
  return {
    async reported() {
      const at = `${url}/_synapse/admin/v1/event_reports`
      type Reports = { readonly event_reports: Awaited<ReturnType<Admin['reported']>> }
      return (await demand<Reports>({ url: at, token })).event_reports
    },
    async makeRoomAdmin(roomId, userId) {
      const room = `${url}/_synapse/admin/v1/rooms/${encodeURIComponent(roomId)}`
      const json = { user_id: userId }
      await demand({ method: 'POST', url: `${room}/make_room_admin`, token, json })
    },
    async deleteRoom(roomId, how = {}) {
      const room = `${rooms}/${encodeURIComponent(roomId)}`
      const { delete_id } = await demand<{ delete_id: string }>({
        method: 'DELETE',
        url: room,
        token,
        json: { purge: true, ...how },
      })
      await waitUntil(`${roomId} deleted`, async () => {
        const status = `${rooms}/delete_status/${delete_id}`
        return (await demand<{ status: string }>({ url: status, token })).status === 'complete'
      })
    },
  }
}
