import type { Message } from '../contract.ts'
import { isRecord, list, string } from '../../local/json.ts'
import { toSharedFile, type State, type StoredFile } from '../state.ts'
import { readBlocks, readThreadTs } from './content.ts'
import { invalidArguments, SlackError } from './error.ts'
import { toFileObject } from './file-object.ts'
import type { MethodDeps, Methods } from './method.ts'
import { joinedChannelOf } from './places.ts'

/** Uploads on their way, and files that are there. */
export interface Files {
  readonly methods: Methods
  /** Takes the bytes of an upload. False when there is no such upload, or they are not as many as announced. */
  receive(uploadId: string, bytes: Uint8Array): boolean
}

interface Upload {
  readonly fileId: string
  readonly team: string
  readonly user: string
  readonly name: string
  readonly altText: string
  readonly length: number
  bytes?: Uint8Array
}

/**
 * Uploading in three steps: ask for an address, send the bytes there, complete. Slack then takes its time: until it is
 * done a file has no type, hangs nowhere and cannot be used in blocks.
 */
export function createFiles(
  deps: MethodDeps & {
    readonly posted: (message: Message) => void
    /** The workspace's rule about uploads, as an error name. */
    readonly refusal: () => string | undefined
    readonly delayMs: () => number
  },
): Files {
  const { state } = deps
  const uploads = new Map<string, Upload>()

  function refuse(name: string): void {
    const rule = deps.refusal()
    if (rule === undefined) return
    if (rule === 'file_uploads_except_images_disabled' && /\.(png|jpe?g|gif)$/i.test(name)) return
    throw new SlackError(rule)
  }

  function store(upload: Upload, title: string): StoredFile {
    const file: StoredFile = {
      id: upload.fileId,
      team: upload.team,
      user: upload.user,
      name: upload.name,
      title,
      altText: upload.altText,
      size: upload.length,
      bytes: upload.bytes ?? new Uint8Array(),
      contentType: contentTypeOf(upload.name, upload.bytes ?? new Uint8Array()),
      createdAt: state.time.now(),
      isReady: false,
      shares: [],
    }
    state.files.set(file.id, file)
    return file
  }

  const methods: Methods = {
    'files.getUploadURLExternal': {
      scopes: ['files:write'],
      tier: 4,
      handle({ args, team }) {
        const name = args.required('filename')
        const length = args.number('length', 0)
        if (!Number.isInteger(length) || length <= 0)
          throw invalidArguments('must be greater than 0 [json-pointer:/length]')
        refuse(name)
        const fileId = state.ids.next('F')
        const uploadId = state.ids.next('up')
        uploads.set(uploadId, {
          fileId,
          team: team.ids.team,
          user: team.ids.botUser,
          name,
          altText: args.text('alt_txt'),
          length,
        })
        return { upload_url: `${state.url()}/upload/v1/${uploadId}`, file_id: fileId }
      },
    },
    'files.completeUploadExternal': {
      scopes: ['files:write'],
      tier: 4,
      handle({ args, team }) {
        const wanted = list(args.structure('files')).filter(isRecord)
        if (wanted.length === 0) throw invalidArguments('missing required field: files')
        const channelId = args.text('channel_id') || args.text('channels')
        const channel = channelId === '' ? undefined : joinedChannelOf(state, team, channelId)
        const threadTs = readThreadTs(args)
        const parent = channel && threadTs !== undefined ? state.find(channel.id, threadTs) : undefined
        if (parent?.threadTs !== undefined) throw new SlackError('invalid_thread_ts')
        const comment = args.text('initial_comment')
        const blocks =
          comment === '' && args.isSet('blocks')
            ? readBlocks(state, team.ids.team, args.structure('blocks'), 'message')
            : []
        // Seen in the wild: python-slack-sdk#1756
        if (blocks.some(({ type }) => type === 'markdown')) throw new SlackError('internal_error')
        const found = wanted.map((each) => {
          const entry = [...uploads].find(([, upload]) => upload.fileId === each['id'] && upload.team === team.ids.team)
          if (!entry?.[1].bytes) throw new SlackError('file_not_found')
          return { uploadId: entry[0], upload: entry[1], title: string(each['title'], entry[1].name) }
        })
        for (const { upload } of found) refuse(upload.name)
        const files = found.map(({ uploadId, upload, title }) => {
          uploads.delete(uploadId)
          return store(upload, title)
        })
        const process = async (): Promise<void> => {
          await state.time.wait(deps.delayMs())
          for (const file of files) file.isReady = true
          if (!channel) return
          const message = state.post({
            channel: channel.id,
            user: team.ids.botUser,
            botId: team.ids.bot,
            text: comment,
            blocks,
            files: files.map(toSharedFile),
            ...(threadTs === undefined ? {} : { threadTs }),
          })
          const share = { channel: channel.id, ts: message.ts, ...(threadTs === undefined ? {} : { threadTs }) }
          for (const file of files) file.shares.push(share)
          deps.posted(message)
        }
        void process().catch(() => undefined) // the workspace closes before it is done
        return { files: files.map((file) => toFileObject(state, file)) }
      },
    },
    'files.info': {
      scopes: ['files:read'],
      tier: 4,
      handle({ args, team }) {
        const file = state.files.get(args.required('file'))
        if (!file || file.team !== team.ids.team) throw new SlackError('file_not_found')
        return { file: toFileObject(state, file), comments: [], response_metadata: { next_cursor: '' } }
      },
    },
    'files.delete': {
      scopes: ['files:write'],
      tier: 3,
      handle({ args, team }) {
        const file = state.files.get(args.required('file'))
        if (!file || file.team !== team.ids.team) throw new SlackError('file_not_found')
        if (file.user !== team.ids.botUser) throw new SlackError('cant_delete_file')
        state.files.delete(file.id)
        for (const { channel, ts } of file.shares) {
          const message = state.find(channel, ts)
          if (message) state.change(message, { files: message.files.filter(({ id }) => id !== file.id) })
        }
        return {}
      },
    },
  }

  return {
    methods,
    receive(uploadId, bytes) {
      const upload = uploads.get(uploadId)
      if (!upload || bytes.byteLength !== upload.length) return false
      upload.bytes = bytes
      return true
    },
  }
}

/** A file a person sends with a message: there at once. */
export function addPersonFile(
  state: State,
  file: Pick<StoredFile, 'team' | 'user' | 'name' | 'bytes'> & { readonly contentType?: string },
): StoredFile {
  const stored: StoredFile = {
    ...file,
    id: state.ids.next('F'),
    title: file.name,
    altText: '',
    size: file.bytes.byteLength,
    contentType: file.contentType ?? contentTypeOf(file.name, file.bytes),
    createdAt: state.time.now(),
    isReady: true,
    shares: [],
  }
  state.files.set(stored.id, stored)
  return stored
}

const types: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  pdf: 'application/pdf',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv',
  txt: 'text/plain',
  html: 'text/html',
}

/** By name, except that a picture has to be one. */
function contentTypeOf(name: string, bytes: Uint8Array): string {
  const type = types[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream'
  const isPng = bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47
  return type === 'image/png' && !isPng ? 'application/octet-stream' : type
}
