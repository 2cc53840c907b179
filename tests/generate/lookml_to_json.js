// Reads the LookML of a folder with an independent parser (npm's lookml-parser) and prints it as one JSON document.
// usage: node lookml_to_json.js PARSER_FOLDER LOOKML_FOLDER
const fs = require("fs");
const path = require("path");
const [parserFolder, folder] = process.argv.slice(2);
const parse = require(path.resolve(parserFolder, "lib/parse/index.js"));
const found = {};
const read = (name) => {
  try {
    found[path.relative(folder, name)] = parse(fs.readFileSync(name, "utf8"));
  } catch (error) {
    console.error(`${name}: ${error.toString()}\n${error.context || ""}`);
    process.exit(1);
  }
};
const walk = (name) => (fs.statSync(name).isDirectory() ? fs.readdirSync(name).forEach((each) => walk(path.join(name, each))) : read(name));
walk(folder);
console.log(JSON.stringify(found));
