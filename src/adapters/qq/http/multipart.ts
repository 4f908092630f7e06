import { nanoid } from 'nanoid';

/** A form with one file, as `multipart/form-data`; objects among the fields are sent as their JSON. */
export class Multipart {
  readonly body: Buffer;
  readonly type: string;

  constructor(
    fields: Readonly<Record<string, unknown>>,
    file: { readonly field: string; readonly name: string; readonly bytes: Buffer },
  ) {
    const boundary = `----kintsugi${nanoid()}`;
    const parts = Object.entries(fields).map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`);
    });
    const safeName = file.name.replace(/[^\w.-]/g, '_').slice(-100);
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${file.field}"; filename="${safeName}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
    this.body = Buffer.concat([...parts, Buffer.from(head), file.bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
    this.type = `multipart/form-data; boundary=${boundary}`;
  }
}
