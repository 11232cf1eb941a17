const TITLES = ['Dunes', 'Harbour', 'Orchard', 'Glacier', 'Meadow', 'Lagoon', 'Canyon', 'Fjord'];
const OWNERS = ['Ada', 'Grace', 'Edsger', 'Barbara', 'Alan', 'Radia'];
const TAGS = ['travel', 'home'];

let count = 0;

/** A whole album with images that are drawn here, for users who have no images at hand. */
export async function sampleAlbum() {
  const n = count++;
  const hue = (n * 67 + 25) % 360;
  const title = TITLES[n % TITLES.length];
  const pictures = await Promise.all([0, 1, 2, 3].map((index) => landscape(hue + index * 16, n * 7 + index)));
  return {
    images: pictures.map(
      (picture, index) => new File([picture], `${title}-${index}.png`, { type: 'image/png' }),
    ),
    fields: {
      title,
      tag: TAGS[n % TAGS.length],
      owner: OWNERS[n % OWNERS.length],
      avatar: new File([await portrait(hue + 140)], 'avatar.png', { type: 'image/png' }),
    },
  };
}

/** One image, for a visitor who uploads it and leaves. */
export async function samplePicture() {
  const n = count++;
  return new File([await landscape((n * 67 + 25) % 360, n * 7)], 'picture.png', { type: 'image/png' });
}

function landscape(hue, seed) {
  return draw(480, 320, (pen, width, height) => {
    const sky = pen.createLinearGradient(0, 0, 0, height);
    sky.addColorStop(0, `hsl(${hue + 60} 55% 82%)`);
    sky.addColorStop(1, `hsl(${hue + 15} 75% 93%)`);
    pen.fillStyle = sky;
    pen.fillRect(0, 0, width, height);
    pen.fillStyle = `hsl(${hue + 30} 85% 98%)`;
    pen.beginPath();
    pen.arc(width * (0.2 + ((seed * 37) % 60) / 100), height * 0.3, 26, 0, Math.PI * 2);
    pen.fill();
    for (const layer of [0, 1, 2]) {
      pen.fillStyle = `hsl(${hue} ${34 + layer * 6}% ${66 - layer * 15}%)`;
      pen.beginPath();
      pen.moveTo(0, height);
      for (let x = 0; x <= width; x += 8) {
        const wave = Math.sin(x / (70 - layer * 12) + seed * 1.7 + layer * 2) * (24 - layer * 4);
        pen.lineTo(x, height * (0.52 + layer * 0.15) + wave);
      }
      pen.lineTo(width, height);
      pen.fill();
    }
  });
}

function portrait(hue) {
  return draw(96, 96, (pen, width, height) => {
    pen.fillStyle = `hsl(${hue} 40% 78%)`;
    pen.fillRect(0, 0, width, height);
    pen.fillStyle = `hsl(${hue} 35% 38%)`;
    pen.beginPath();
    pen.arc(width / 2, height * 0.4, 18, 0, Math.PI * 2);
    pen.arc(width / 2, height * 1.05, 36, 0, Math.PI * 2);
    pen.fill();
  });
}

function draw(width, height, paint) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  paint(canvas.getContext('2d'), width, height);
  return new Promise((resolve) => {
    canvas.toBlob(resolve, 'image/png');
  });
}
