export const HELP = `sweep    finds files that no document uses, and removes them with --remove
doctor   checks whether the settings of the plugin fit the documents and the storages
work     removes the files whose removal is due according to the journal
journal  lists the files in the journal, and makes failed removals due again

  mongoose-image-cleanup sweep --models <file> [--uri <mongodb://…>] [options]
  mongoose-image-cleanup doctor --models <file> [--uri <mongodb://…>] [--sample <n>] [--ignore <Model.path>] [--json]
  mongoose-image-cleanup work --models <file> [--uri <mongodb://…>] [--every <time>] [--concurrency <n>] [--once]
  mongoose-image-cleanup journal --models <file> [--uri <mongodb://…>] [--failed] [--document <id>] [--retry] [--json]

Models
  --models <file>       A file that exports your models or registers them on mongoose: ESM, CommonJS or
                        TypeScript (with your own tsx or ts-node). May be given several times.
  --model <name>        Use only this model. May be given several times. Default: all models with the plugin.
  --uri <uri>           The database to connect to, unless the models file opens its own connection.

Sweep: which files
  --older-than <time>   Keep files that are younger: 24h, 90m, 7d. Default 24h.
  --exclude <glob>      Keep files with these names, such as 'legacy/**'. May be given several times.
  --prefix <folder>     Sweep only the files below this folder or prefix.
  --dot-files           Include files and folders whose names begin with a dot.
  --only-tracked        Read only the tracked fields. By default, the sweep also searches all other fields, and the
                        documents of every other model, for mentions of an orphan's name; a mention keeps the file.
  --missing             Also list documents that name files that do not exist.

Sweep: what to do
  --remove              Remove the orphans. Without this option, nothing is changed.
  --max-share <share>   Remove nothing if more than this share of all files seem to be orphans. Default 0.5.
  --allow <reason>      Continue where the sweep would refuse: no-references, unread-model, unanswered-references,
                        broken-listing, switched-off; a kind of file that no document stores, such as
                        foreign-kind:.html (foreign-kind:none for files without an extension); a folder in which
                        no file is used, such as unused-folder:thumbs or 'unused-folder:users/*'. May be given
                        several times.

Doctor (changes nothing)
  --sample <number>     How many stored values to read for each field. Default 1000.
  --ignore <path>       A model or Model.path that holds none of your files. May be given several times.

Work (runs until SIGTERM or SIGINT, then finishes the current files)
  --every <time>        How often to look for due intents: 10s, 1m. Default 10s.
  --concurrency <n>     How many intents to process at the same time, from 1 to 100. Default 4.
  --once                Process what is due now and exit, for cron jobs.

Journal (changes nothing without --retry)
  --failed              List the files whose removal failed for good, with the errors. By default, the command lists
                        the files that wait, with the time at which they are due.
  --document <id>       List the files of this document and their outcomes. Write the id as the document shows it:
                        ObjectId, UUID, number or text.
  --intent <id>         List the files of this intent.
  --retry               Make failed intents due again: all of them, or those of --document or --intent.
  --limit <n>           The most files to list, or 'all'. Default 100; with --document or --intent, all.

Output
  --json                Print one JSON object per line; the journal command prints a single object.
  -q, --quiet           Print only the summary, without progress and the list of files.
  -h, --help            Print this help.
  -v, --version         Print the version.

Exit codes of sweep
  0  no orphans, or all of them were removed
  1  a dry run found orphans, or --missing found missing files
  2  wrong usage
  3  the sweep refused, stopped or failed; the output says why

Exit codes of doctor
  0  no findings
  1  findings
  2  the command could not run

Exit codes of work
  0  stopped by a signal, or --once delivered everything that was due
  1  --once left intents to processes that know their model, field or provider
  2  wrong usage
  3  the command could not run

Exit codes of journal
  0  no file failed; with --document, each of its files has an outcome
  1  files failed; with --document, one of its files has no outcome, or the journal does not know the document
  2  wrong usage
  3  the command could not run

Examples
  List what would be removed:
    npx mongoose-image-cleanup sweep --models ./dist/models.js --uri mongodb://127.0.0.1:27017/shop

  Remove orphans that are older than a week:
    npx mongoose-image-cleanup sweep --models ./dist/models.js --uri $MONGODB_URI --older-than 7d --remove

  Read two TypeScript files of models, and print JSON for a script:
    npx mongoose-image-cleanup sweep --models src/user.ts --models src/post.ts --uri $MONGODB_URI --json

  Check the settings against the data:
    npx mongoose-image-cleanup doctor --models ./dist/models.js --uri $MONGODB_URI

  Remove what is due according to the journal, from a cron job:
    npx mongoose-image-cleanup work --models ./dist/models.js --uri $MONGODB_URI --once --quiet

  Check that the images of a deleted document are removed:
    npx mongoose-image-cleanup journal --models ./dist/models.js --uri $MONGODB_URI --document 65f0c0ffee0123456789abcd

  Find documents that name missing images:
    npx mongoose-image-cleanup sweep --models ./dist/models.js --uri $MONGODB_URI --missing --quiet
`;
