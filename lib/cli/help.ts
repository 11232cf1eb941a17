export const help = `Finds files that no document uses, and removes them if you say so; looks whether settings fit the data; removes what
the journal says is due, and tells what it holds.

  mongoose-image-cleanup sweep --models <file> [--uri <mongodb://…>] [options]
  mongoose-image-cleanup doctor --models <file> [--uri <mongodb://…>] [--sample <n>] [--ignore <Model.path>] [--json]
  mongoose-image-cleanup work --models <file> [--uri <mongodb://…>] [--every <time>] [--concurrency <n>] [--once]
  mongoose-image-cleanup journal --models <file> [--uri <mongodb://…>] [--failed] [--document <id>] [--retry] [--json]

Models
  --models <file>       A file that exports your models, or registers them on mongoose: ESM, CommonJS or
                        TypeScript (with your own tsx or ts-node). May be given several times.
  --model <name>        Only these of the models found. May be given several times. Default: all with the plugin.
  --uri <uri>           Where to connect, unless the file connects itself.

What to look for
  --older-than <time>   Leave younger files alone: 24h, 90m, 7d. Default 24h.
  --exclude <glob>      Leave these names alone, such as 'legacy/**'. May be given several times.
  --prefix <folder>     Only what lies below this folder or prefix.
  --dot-files           Also files and folders whose names begin with a dot.
  --only-tracked        Read the tracked fields only. Without it what seems to be an orphan is also looked for in
                        all other fields, and in the documents of every other model; a mention keeps it.
  --missing             Also list documents that point to files that are not there.

What to do
  --remove              Remove the orphans. Without it nothing is touched.
  --max-share <share>   Refuse when more of the files than this seem to be orphans. Default 0.5.
  --allow <reason>      Go on where it would refuse: no-references, unread-model, unanswered-references,
                        broken-listing, switched-off; a kind of file that no document stores, such as
                        foreign-kind:.html (foreign-kind:none: without extension); a folder of which no file
                        is used, such as unused-folder:thumbs or 'unused-folder:users/*'. Several times.

Doctor (changes nothing)
  --sample <number>     Stored values that are looked at, for each field. Default 1000.
  --ignore <path>       A model or Model.path that holds no files of yours. May be given several times.

Work (removes what is due by the journal, until it gets SIGTERM or SIGINT; then it ends what it is at)
  --every <time>        How often it looks: 10s, 1m. Default 10s.
  --concurrency <n>     Intents at the same time, from 1 to 100. Default 4.
  --once                Only what is due now, for cron jobs.

Journal (without --retry it changes nothing)
  --failed              List what failed for good, with the errors. Without it: what waits, with its due time.
  --document <id>       List what became of the files of this document. The id is written as a document shows it:
                        ObjectId, UUID, number or text.
  --intent <id>         List the files of this intent.
  --retry               Make what failed due again: all of it, or by --document or --intent.
  --limit <n>           The most files that are listed, or 'all'. Default 100; with --document or --intent all.

Output
  --json                One JSON object a line; of the journal a single one.
  -q, --quiet           No progress and no list of files: the summary only.
  -h, --help   -v, --version

Exit codes of the doctor
  0  nothing to do   1  findings   2  it could not run

Exit codes of work
  0  stopped, or --once and everything due was delivered   1  --once left intents to processes that know their model,
  field or provider   2  wrong usage   3  it could not run

Exit codes of the journal
  0  nothing failed; with --document: each of its files has an outcome   1  files failed; with --document: one of its
  files has no outcome, or nothing is known   2  wrong usage   3  it could not run

Exit codes of the sweep
  0  clean: no orphans, or all of them removed
  1  a dry run found orphans, or --missing found missing files
  2  wrong usage
  3  refused, stopped or failed: the output says why

Examples
  What would be removed?
    npx mongoose-image-cleanup sweep --models ./dist/models.js --uri mongodb://127.0.0.1:27017/shop

  Remove it, but nothing of the last week:
    npx mongoose-image-cleanup sweep --models ./dist/models.js --uri $MONGODB_URI --older-than 7d --remove

  Two files of models, TypeScript, for a script:
    npx mongoose-image-cleanup sweep --models src/user.ts --models src/post.ts --uri $MONGODB_URI --json

  Do my settings fit the data?
    npx mongoose-image-cleanup doctor --models ./dist/models.js --uri $MONGODB_URI

  Remove what the journal says is due, every five minutes from cron
    npx mongoose-image-cleanup work --models ./dist/models.js --uri $MONGODB_URI --once --quiet

  Is the picture of an erased person gone?
    npx mongoose-image-cleanup journal --models ./dist/models.js --uri $MONGODB_URI --document 65f0c0ffee0123456789abcd

  Which documents show a broken image?
    npx mongoose-image-cleanup sweep --models ./dist/models.js --uri $MONGODB_URI --missing --quiet
`;
