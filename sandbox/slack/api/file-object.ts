import type { State, StoredFile } from '../state.ts'

/**
 * A file as the Web API shows it. Until Slack has processed it there is neither type nor thumbnail nor share, as seen in
 * the wild (chat-platforms.md §2.8).
 */
export function toFileObject(state: State, file: StoredFile): Record<string, unknown> {
  const extension = file.name.includes('.') ? (file.name.split('.').at(-1) ?? '').toLowerCase() : ''
  const base = `${state.url()}/files-pri/${file.team}-${file.id}/${encodeURIComponent(file.name)}`
  const isImage = file.contentType.startsWith('image/')
  const { width, height } = pngSize(file.bytes)
  return {
    id: file.id,
    created: Math.floor(file.createdAt / 1000),
    timestamp: Math.floor(file.createdAt / 1000),
    name: file.name,
    title: file.title,
    mimetype: file.isReady ? file.contentType : '',
    filetype: file.isReady ? extension : '',
    pretty_type: file.isReady ? extension.toUpperCase() : '',
    user: file.user,
    user_team: file.team,
    editable: false,
    size: file.size,
    mode: 'hosted',
    is_external: false,
    external_type: '',
    is_public: file.shares.length > 0,
    public_url_shared: false,
    display_as_bot: false,
    alt_txt: file.altText,
    url_private: base,
    url_private_download: `${base}?download=1`,
    permalink: `${state.url()}/#file-${file.id}`,
    has_rich_preview: false,
    file_access: 'visible',
    ...(file.isReady && isImage ? { thumb_360: base, original_w: width, original_h: height } : {}),
    shares: { public: sharesByChannel(file) },
    channels: [...new Set(file.shares.map(({ channel }) => channel))],
    groups: [],
    ims: [],
  }
}

function sharesByChannel(file: StoredFile): Record<string, unknown[]> {
  const byChannel: Record<string, unknown[]> = {}
  for (const { channel, ts, threadTs } of file.shares) {
    byChannel[channel] ??= []
    byChannel[channel].push({ ts, team_id: file.team, ...(threadTs === undefined ? {} : { thread_ts: threadTs }) })
  }
  return byChannel
}

/** From the header of a PNG; zeros for anything else. */
function pngSize(bytes: Uint8Array): { readonly width: number; readonly height: number } {
  const isPng = bytes.length > 24 && bytes[0] === 0x89 && bytes[1] === 0x50
  if (!isPng) return { width: 0, height: 0 }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { width: view.getUint32(16), height: view.getUint32(20) }
}
