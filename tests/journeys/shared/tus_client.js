// Uploads a file with tus-js-client, gives up half-way, goes on as another client would, and says what has come of it.
const fs = require("fs");
const tus = require("tus-js-client");

const [endpoint, token, file] = process.argv.slice(2);
const size = fs.statSync(file).size;

function upload(uploadUrl) {
  const going = new tus.Upload(fs.createReadStream(file), {
    endpoint, uploadUrl, uploadSize: size, chunkSize: 400000, retryDelays: [0, 200, 1000],
    headers: { Authorization: `Bearer ${token}` }, metadata: { filename: "孔.jpg" },
    onError(error) { console.error(String(error)); process.exit(1); },
    onChunkComplete(_size, accepted) {
      if (!uploadUrl && accepted > size / 2) going.abort().then(() => upload(going.url));
    },
    onSuccess(payload) { console.log(JSON.stringify({ url: going.url, photo: payload.lastResponse.getHeader("Photo-Id") })); },
  });
  going.start();
}

upload(null);
