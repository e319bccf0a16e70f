import { describe, expect, test } from 'vitest'
import { read } from '../testing.js'
import { guessEncoding } from './guess-encoding.js'

/** Texts in the encoding, as hexadecimal bytes. */
const ENCODED: readonly (readonly [encoding: string, text: string, hex: string])[] = [
  ['gb18030', '乡村学校阅读推广的路径与实践 赵一', 'cfe7b4e5d1a7d0a3d4c4b6c1cdc6b9e3b5c4c2b7beb6d3ebcab5bcf920d5d4d2bb'],
  ['big5', '大學圖書館閱讀推廣策略之研究 陳美玲', 'a46abec7b9cfaed1c05dbe5cc5aab1c0bc73b5a6b2a4a4a7ace3a87320b3afacfcacc2'],
  [
    'shift_jis',
    '学校における読書の推進に関する研究 田中',
    '8a778d5a82c982a882af82e993c78f9182cc9084906982c98ad682b782e98ca48b862093639286',
  ],
  [
    'euc-jp',
    '学校における読書の推進に関する研究 田中',
    'b3d8b9bba4cba4aaa4b1a4ebc6c9bdf1a4cebfe4bfcaa4cbb4d8a4b9a4ebb8a6b5e620c5c4c3e6',
  ],
  [
    'euc-kr',
    '학교 독서 진흥 활동에 관한 연구 김철수',
    'c7d0b1b320b5b6bcad20c1f8c8ef20c8b0b5bfbfa120b0fcc7d120bfacb1b820b1e8c3b6bcf6',
  ],
  [
    'windows-1251',
    'Исследование чтения в школах, Иванов',
    'c8f1f1ebe5e4eee2e0ede8e520f7f2e5ede8ff20e220f8eaeeebe0f52c20c8e2e0edeee2',
  ],
  ['koi8-r', 'Исследование чтения в школах, Иванов', 'e9d3d3ccc5c4cfd7c1cec9c520ded4c5cec9d120d720dbcbcfccc1c82c20e9d7c1cecfd7'],
  ['windows-1253', 'Μελέτη της ανάγνωσης, Παπαδοπούλου', 'cce5ebddf4e720f4e7f220e1eddce3edf9f3e7f22c20d0e1f0e1e4eff0effdebeff5'],
  [
    'windows-1254',
    'Türkiye’de okuma alışkanlığı, Çağla Şahin',
    '54fc726b697965926465206f6b756d6120616cfdfe6b616e6cfdf0fd2c20c761f06c6120de6168696e',
  ],
  [
    'windows-1250',
    'Wpływ czytania na uczniów szkół średnich, książka',
    '5770b3797720637a7974616e6961206e612075637a6e69f37720737a6bf3b3209c7265646e6963682c206b7369b9bf6b61',
  ],
  [
    'windows-1250',
    'Vývoj čtenářských dovedností žáků, Jiří Dvořák, Růžička, Zdeněk',
    '56fd766f6a20e874656ee1f8736bfd636820646f7665646e6f7374ed209ee16bf92c204a69f8ed2044766ff8e16b2c2052f99e69e86b612c205a64656eec6b',
  ],
  [
    'macintosh',
    'Étude de la littérature “générale”, Jörg Müller',
    '8374756465206465206c61206c6974748e72617475726520d2678e6e8e72616c65d32c204a9a7267204d9f6c6c6572',
  ],
  [
    'windows-1252',
    'Étude de la littérature “générale” – Jörg Müller, José Nuñez',
    'c974756465206465206c61206c697474e9726174757265209367e96ee972616c65942096204af67267204dfc6c6c65722c204a6f73e9204e75f1657a',
  ],
  [
    'windows-1252',
    'Lestur á Íslandi, Guðrún Þórðardóttir',
    '4c657374757220e120cd736c616e64692c204775f072fa6e20def372f0617264f374746972',
  ],
  [
    'iso-8859-2',
    'Wpływ czytania na uczniów średnich szkół, książka źródeł',
    '5770b3797720637a7974616e6961206e612075637a6e69f37720b67265646e69636820737a6bf3b32c206b7369b1bf6b6120bc72f36465b3',
  ],
  [
    'windows-1250',
    'Půdní fauna horských pastvin a její změny, Dvořák, Časopis',
    '50f9646eed206661756e6120686f72736bfd6368207061737476696e2061206a656aed207a6dec6e792c2044766ff8e16b2c20c861736f706973',
  ],
  ['windows-1255', 'חי הקרקע בשדות המרעה של הצפון, כהן', 'e7e920e4f7f8f7f220e1f9e3e5fa20e4eef8f2e420f9ec20e4f6f4e5ef2c20ebe4ef'],
  [
    'windows-1256',
    'حيوانات التربة في المراعي الجبلية خلال فصل الجفاف',
    'cdede6c7e4c7ca20c7e1cad1c8c920dded20c7e1e3d1c7daed20c7e1ccc8e1edc920cee1c7e120ddd5e120c7e1ccddc7dd',
  ],
  [
    'windows-874',
    'สัตว์ในดินของทุ่งหญ้าเลี้ยงสัตว์บนที่สูง',
    'cad1b5c7ece3b9b4d4b9a2cda7b7d8e8a7cbade9d2e0c5d5e9c2a7cad1b5c7ecbab9b7d5e8cad9a7',
  ],
  ['gb18030', '高山草地土壤动物群落的季节变化研究', 'b8dfc9bdb2ddb5d8cdc1c8c0b6afceefc8bac2e4b5c4bcbebddab1e4bbafd1d0bebf'],
  ['euc-jp', '草地の土壌動物における季節変動の研究', 'c1f0c3cfa4cec5dabeedc6b0caaaa4cba4aaa4b1a4ebb5a8c0e1cad1c6b0a4ceb8a6b5e6'],
]

describe('an encoding that is not declared is guessed', () => {
  test.each(ENCODED)('%s', (encoding, text, hex) => {
    const bytes = Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16))
    expect(guessEncoding(bytes)).toBe(encoding)
    if (encoding !== 'windows-1252') expect(new TextDecoder(encoding).decode(bytes)).toBe(text)
  })

  test('the report says so, and the caller can say another', async () => {
    const [, , hex] = ENCODED.find(([encoding]) => encoding === 'windows-1251')!
    const title = Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16))
    const bytes = Uint8Array.from([
      ...new TextEncoder().encode('TY  - JOUR\nTI  - '),
      ...title,
      ...new TextEncoder().encode('\nER  - \n'),
    ])
    const guessed = await read(bytes, 'a.ris')
    expect(guessed.files).toMatchObject([{ encoding: 'windows-1251', encodingGuessed: true }])
    expect(guessed.papers[0]!.title).toMatch(/^Исследование/)
    const said = await read(bytes, 'a.ris', { encoding: 'koi8-r' })
    expect(said.files).toMatchObject([{ encoding: 'koi8-r', encodingGuessed: false }])
    await expect(read(bytes, 'a.ris', { encoding: 'none' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      field: 'encoding',
    })
  })

  test('Chinese characters whose bytes are UTF-8 by chance do not make a file of two encodings', async () => {
    for (const [encoding, text, hex] of ENCODED.filter(([name]) => name === 'gb18030' || name === 'euc-jp')) {
      const title = Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16))
      const [start, end] = ['TY  - JOUR\nTI  - ', '\nER  - \n'].map((part) => new TextEncoder().encode(part))
      const { papers, files } = await read(Uint8Array.from([...start!, ...title, ...end!]), 'a.ris')
      expect([files[0]!.encoding, papers[0]!.title]).toEqual([encoding, text])
    }
  })

  test('a file of UTF-8 with one damaged byte stays UTF-8', async () => {
    const bytes = Uint8Array.from([
      ...new TextEncoder().encode('TY  - JOUR\nTI  - Größe und Maß, Übung\nAU  - M'),
      0xfc,
      ...new TextEncoder().encode('ller, J\nER  - \n'),
    ])
    expect((await read(bytes, 'a.ris')).papers).toMatchObject([
      { title: 'Größe und Maß, Übung', authors: [{ family: 'Müller' }] },
    ])
  })
})
