// Unpacks the tables: base64, inflate, variable-length whole numbers, running sums along the axes they were
// differenced on. What comes out are the whole steps that were packed, exactly.

async function inflate(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function unpack(packed) {
  const content = await inflate(packed.text);
  const size = packed.shape.reduce((product, length) => product * length, 1);
  const whole = new Float64Array(size);
  let value = 0;
  let scale = 1;
  let found = 0;
  for (const byte of content) {
    value += (byte & 127) * scale;
    scale *= 128;
    if (byte < 128) {
      whole[found] = value % 2 ? -(value + 1) / 2 : value / 2;
      found += 1;
      value = 0;
      scale = 1;
    }
  }
  for (const axis of packed.axes) {
    const inner = packed.shape.slice(axis + 1).reduce((product, length) => product * length, 1);
    const block = inner * packed.shape[axis];
    for (let start = 0; start < size; start += block) {
      for (let at = start + inner; at < start + block; at += 1) whole[at] += whole[at - inner];
    }
  }
  for (let at = 0; at < size; at += 1) whole[at] *= packed.step;
  return whole;
}
