// Files of settings that people write by mistake, and each fault that is to be told, in its place.
#pragma once

#include <cctype>
#include <ostream>
#include <string_view>
#include <vector>

namespace weir::testing {

// An organization whose five lines stand before whatever a file is about.
inline constexpr const char* kOrganizationSettings =
    "url = 'https://h.example'\n"
    "company_id = 5\n"
    "time_zone = 'America/Los_Angeles'\n"
    "integration_key_file = 'integration-key'\n"
    "store = 'weir.db'\n";

struct BrokenSettings {
  const char* text;               // after the lines of the organization
  std::vector<const char*> told;  // all of it
};

// GoogleTest would name a case by its bytes, of which some are addresses. The words of the text are
// a name that CMake does not misread either.
inline void PrintTo(const BrokenSettings& settings, std::ostream* out) {
  for (const char c : std::string_view(settings.text)) {
    const bool is_word = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
    *out << (is_word ? c : ' ');
  }
}

inline const std::vector<BrokenSettings> kBrokenNames = {
    BrokenSettings{"calls_per_dya = 5\n",
                   {"weir.toml:6:1: calls_per_dya is not a setting; did you mean calls_per_day?"}},
    BrokenSettings{"[deamon]\nlisten = ''\n",
                   {"weir.toml:6:2: deamon is not a setting; did you mean daemon?"}},
    BrokenSettings{"[daemon]\nlistn = ''\nhandler = 3\n",
                   {"weir.toml:7:1: listn in [daemon] is not a setting; did you mean listen?",
                    "weir.toml:8:1: handler in [daemon] is not a setting; did you mean handlers?"}},
    BrokenSettings{"[source.A]\ncvs = 'a.csv'\n",
                   {"weir.toml:7:1: cvs in [source.A] is not a setting; did you mean csv?"}},
    BrokenSettings{"[poll.P]\nform = 'F'\nappend = 'f'\nretate = '1d'\n",
                   {"weir.toml:9:1: retate in [poll.P] is not a setting; did you mean rotate?"}},
    BrokenSettings{"[notify]\nwebhook = 'https://h'\nbudgte = '80%'\n",
                   {"budgte in [notify] is not a setting; did you mean budget?"}},
    BrokenSettings{"[source.A]\ndatabase = 'sqlite3://d'\nquery = 'SELECT :since'\n"
                   "follow = { column = 'c', reconcile = '1d', overlapp = '1m' }\n",
                   {"overlapp in [source.A.follow] is not a setting; did you mean overlap?"}},
    BrokenSettings{"source = 5\n", {"weir.toml:6:10: source must be tables such as [source.NAME]"}},
    BrokenSettings{"[source]\nA = 5\n", {"weir.toml:7:5: [source.A] must be a table"}},
    BrokenSettings{"[source.' ']\ncsv = 'a.csv'\n",
                   {"weir.toml:6:9: [source. ] has no usable name"}},
    BrokenSettings{"[gateway]\nlisten = '127.0.0.1:8099'\n",
                   {"weir.toml:6:2: gateway belongs to the gateway, which is not built yet"}},
    BrokenSettings{
        "[source.A]\ngateway = 'keep'\nread_age = '5m'\n",
        {"weir.toml:7:1: gateway in [source.A] belongs to the gateway, which is not built yet",
         "weir.toml:8:1: read_age in [source.A] belongs to the gateway, which is not built "
         "yet"}}};

inline const std::vector<BrokenSettings> kBrokenValues = {
    BrokenSettings{"calls_per_day = 0\n",
                   {"weir.toml:6:17: calls_per_day must be from 1 to 1000000000"}},
    BrokenSettings{"max_connections = 'three'\n",
                   {"weir.toml:6:19: max_connections must be a whole number"}},
    BrokenSettings{"[daemon]\nlog = 'xml'\nstop_within = '1 minute'\nhistory_bytes = '64MB'\n",
                   {"weir.toml:7:7: log in [daemon] must be \"text\" or \"json\"",
                    "weir.toml:8:15: stop_within in [daemon] must be a text such as",
                    "weir.toml:9:17: history_bytes in [daemon] must be a text such as \"64KiB\""}},
    BrokenSettings{"[source.A]\ncsv = 'a.csv'\nmax_deletes = 'some'\n",
                   {"weir.toml:8:15: max_deletes in [source.A] must be"}},
    BrokenSettings{
        "[source.A]\ncsv = 'a.csv'\nweight = -1\ndeliver = 'phone'\n",
        {"weir.toml:8:10: weight in [source.A] must be a positive number",
         "weir.toml:9:11: deliver in [source.A] must be \"push\", \"sync\" or \"both\""}},
    BrokenSettings{"[source.A]\ncommand = 'export --csv'\n",
                   {"weir.toml:7:11: command in [source.A] must be a list: the program"}},
    BrokenSettings{"[source.A]\ncommand = ['/bin/cat']\nat = ['25:00']\n",
                   {"weir.toml:8:6: at in [source.A] must be times of day"}},
    BrokenSettings{"[poll.P]\nform = 'F'\nappend = 'f'\nsince = '2026-11-01'\n",
                   {"weir.toml:9:9: since in [poll.P] must be a date with time and zone"}},
    BrokenSettings{"[notify]\nwebhook = 'https://h'\nbudget = 80\n",
                   {"weir.toml:8:10: budget in [notify] must be a share"}},
    BrokenSettings{"ca_file = ' a.pem'\n", {"weir.toml:6:11: ca_file has a blank around it"}},
    BrokenSettings{"ca_file = 'a-${HOME.pem'\n", {"weir.toml:6:11: ca_file has ${ without }"}},
    BrokenSettings{"[daemon]\ninclude = ''\n", {"weir.toml:7:11: include must name a file"}},
    BrokenSettings{"notify = 1\n", {"weir.toml:6:10: notify must be a table"}},
    BrokenSettings{"ca_file = ''\n", {"weir.toml:6:11: ca_file must not be empty"}},
    BrokenSettings{"ca_file = 'none.pem'\n",
                   {"weir.toml:6:11: ca_file cannot be used: the CA file none.pem"}},
    BrokenSettings{
        "outside_reserve = 3000\n",
        {"weir.toml:6:19: outside_reserve cannot be used: the reserves leave no calls"}}};

inline const std::vector<BrokenSettings> kBrokenSources = {
    BrokenSettings{"[source.A]\ncsv = 'a.csv'\nndjson = 'a.ndjson'\n",
                   {"weir.toml:8:10: ndjson in [source.A] and csv exclude each other"}},
    BrokenSettings{
        "[source.A]\ncsv = 'a.csv'\nevery = '5m'\npattern = '*'\n",
        {"weir.toml:8:9: every in [source.A] means nothing here; it belongs to database, "
         "command, http",
         "weir.toml:9:11: pattern in [source.A] means nothing here; it belongs to directory"}},
    BrokenSettings{"[source.A]\ndatabase = 'sqlite3://d'\n",
                   {"weir.toml:6:1: query in [source.A] must say which rows"}},
    BrokenSettings{"[source.A]\ndatabase = 'sqlite3://d'\nquery = '-- all of them'\n",
                   {"weir.toml:8:9: query in [source.A] must say which rows"}},
    BrokenSettings{"[source.A]\ndatabase = 'sqlite3://d'\nquery = 'SELECT 1; DELETE FROM t'\n",
                   {"weir.toml:8:9: query in [source.A] has several statements, and only one can "
                    "give the rows; leave out what follows its first semicolon"}},
    BrokenSettings{"[source.A]\ndatabase = 'odbc://d'\nquery = \"SELECT ';' -- ;\\n;SELECT 2\"\n",
                   {"weir.toml:8:9: query in [source.A] has several statements"}},
    BrokenSettings{"[source.A]\nquery = 'SELECT 1'\n",
                   {
                       "weir.toml:7:9: query in [source.A] means nothing here",
                   }},
    BrokenSettings{"[source.A]\ndatabase = 'mysql://d'\nquery = 'SELECT 1'\n",
                   {"weir.toml:7:12: database in [source.A] cannot be used: it is no address of a "
                    "database; MariaDB and MySQL are read by ODBC"}},
    BrokenSettings{
        "[source.A]\ndatabase = 'postgresql://d/e'\nquery = 'SELECT 1'\npassword_file = "
        "'none'\n",
        {"weir.toml:9:17: password_file in [source.A] names a secret that cannot be used"}},
    BrokenSettings{"[source.A]\ndatabase = 'sqlite3://d'\nquery = 'SELECT 1 WHERE x > :since'\n",
                   {"weir.toml:8:9: query in [source.A] has :since"}},
    BrokenSettings{"[source.A]\ndatabase = 'sqlite3://d'\nquery = 'SELECT 1'\nfollow = { overlap = "
                   "'1m' }\n",
                   {"query in [source.A] must have :since",
                    "column in [source.A.follow] must say which column"}},
    BrokenSettings{
        "[source.A]\ncommand = ['/bin/cat']\nevery = '1m'\nat = '06:00'\nrows = '/items'\n",
        {"weir.toml:9:6: at in [source.A] and every exclude each other",
         "weir.toml:10:8: rows in [source.A] means nothing here; it belongs to format"}},
    BrokenSettings{"[source.A]\nhttp = 'http://erp.example.com/x'\n",
                   {"weir.toml:7:8: http in [source.A] must begin with https://"}},
    BrokenSettings{"[source.A]\nhttp = 'https://me:pw@erp.example.com/x'\nrows = 'items'\n",
                   {"weir.toml:7:8: http in [source.A] must have no user and password",
                    "weir.toml:8:8: rows in [source.A] must be a JSON pointer"}},
    BrokenSettings{"[source.A]\ncsv = ''\n",
                   {"weir.toml:7:7: csv in [source.A] must be the path of a file"}},
    BrokenSettings{"[source.A]\nndjson = 'https://h/a.ndjson'\n",
                   {"weir.toml:7:10: ndjson in [source.A] must be the path of a file"}},
    BrokenSettings{"[source.A]\ndirectory = ''\n",
                   {"weir.toml:7:13: directory in [source.A] must be the path of a folder"}},
    BrokenSettings{"[source.A]\ndirectory = '.'\npattern = ''\n",
                   {"weir.toml:8:11: pattern in [source.A] must not be empty"}},
    BrokenSettings{"[source.A]\ndatabase = ''\nquery = 'SELECT 1'\n",
                   {"weir.toml:7:12: database in [source.A] must be the address of a database"}},
    BrokenSettings{"[source.A]\ncsv = 'a.csv'\nkey = ''\n",
                   {"weir.toml:8:7: key in [source.A] must name a column"}},
    BrokenSettings{"[source.A]\ncsv = 'a.csv'\ncolumns = ['id', 'city', 'id=city']\n",
                   {"weir.toml:8:11: columns in [source.A] has id twice"}},
    BrokenSettings{"[source.A]\ncsv = 'a.csv'\nkey = 'id'\ncolumns = ['city', 'name']\n",
                   {"weir.toml:8:7: key in [source.A] is id, which is not among columns"}},
    BrokenSettings{"[sync]\nprivate_token_file = 'token'\n[source.A]\ncsv = 'a.csv'\nkey = 'id'\n"
                   "deliver = 'sync'\n[source.A.sync]\nuser_column = 'u'\ncolumns = ['name']\n",
                   {"weir.toml:14:11: columns in [source.A.sync] must begin with the key, id"}},
    BrokenSettings{
        "[sync]\nprivate_token_file = 'token'\n[source.A]\ncsv = 'a.csv'\n"
        "columns = ['no=id', 'name']\nkey = 'id'\ndeliver = 'sync'\n[source.A.sync]\n"
        "user_column = 'u'\ncolumns = ['no', 'town']\n",
        {"weir.toml:14:15: user_column in [source.A.sync] names u, which is not among columns of",
         "weir.toml:15:11: columns in [source.A.sync] names town, which is not among columns of"}},
    BrokenSettings{"[sync]\nprivate_token_file = 'token'\n[source.A]\ncsv = 'a.csv'\n"
                   "deliver = 'sync'\nsync = 'x'\n",
                   {"weir.toml:11:8: sync in [source.A] must be a table"}},
    BrokenSettings{"[sync]\nprivate_token_file = 'token'\n[source.A]\ncsv = 'a.csv'\n"
                   "deliver = 'sync'\n[source.A.sync]\nuser_column = ''\ncolumns = ['']\n",
                   {"user_column in [source.A.sync] must name the column",
                    "columns in [source.A.sync] has an empty name in it"}},
    BrokenSettings{"[source.A]\ncommand = [\"/bin/ls\", \"a\\u0000b\"]\n",
                   {"weir.toml:7:11: command in [source.A] has a NUL byte in it"}},
    BrokenSettings{"[source.A]\nhttp = 'https://h/x'\nrows = '/a~2b'\nheader_file = 'hook'\n",
                   {"weir.toml:8:8: rows in [source.A] must be a JSON pointer, in which ~",
                    "weir.toml:9:15: header_file in [source.A] must hold a line such as"}},
    BrokenSettings{"[source.A]\nhttp = 'https://h:99999/x'\n",
                   {"weir.toml:7:8: http in [source.A] has a port that is not a number"}},
    BrokenSettings{"[source.A]\nhttp = 'https://h h/x'\n",
                   {"weir.toml:7:8: http in [source.A] has a blank or a sign"}},
    BrokenSettings{"[source.A]\ndatabase = 'sqlite3://d'\n"
                   "query = \"SELECT 1 WHERE v <> ':since' AND w = v::since -- :since\"\n"
                   "follow = { column = 'c', reconcile = '1d' }\n",
                   {"query in [source.A] must have :since"}},
    BrokenSettings{
        "[sync]\nprivate_token_file = 'token'\n[source.A]\ndatabase = 'sqlite3://d'\n"
        "query = 'SELECT 1 WHERE x > :since'\nfollow = { column = 'c', reconcile = '1d' }\n"
        "deliver = 'sync'\n[source.A.sync]\nuser_column = 'u'\n",
        {"follow in [source.A] is for rows that are pushed"}},
    BrokenSettings{"[source.A]\ncsv = '.'\n", {"weir.toml:7:7: csv in [source.A] is a folder"}},
    BrokenSettings{"[source.A]\ndirectory = 'a.csv'\ndone = 'burn'\n",
                   {"weir.toml:7:13: directory in [source.A] is no folder",
                    "weir.toml:8:8: done in [source.A] must be \"move:FOLDER\""}},
    BrokenSettings{"[source.A]\ndirectory = 'a.csv'\ndone = 'move:./'\n",
                   {"weir.toml:7:13: directory in [source.A] is no folder",
                    "weir.toml:8:8: done in [source.A] must be another folder than the one that"}},
    BrokenSettings{"[source.A]\ndirectory = 'a.csv'\ndone = 'move:x/../failed/'\n",
                   {"weir.toml:7:13: directory in [source.A] is no folder",
                    "weir.toml:8:8: done in [source.A] must be another folder than failed"}},
    BrokenSettings{"[source.A]\ncsv = 'a.csv'\ndelimiter = 'bar'\nencoding = 'ebcdic'\n",
                   {"weir.toml:8:13: delimiter in [source.A] cannot be used",
                    "weir.toml:9:12: encoding in [source.A] cannot be used"}},
    BrokenSettings{"[source.A]\ncsv = 'a.csv'\ndeliver = 'sync'\n",
                   {"weir.toml:8:11: deliver in [source.A] needs [source.A.sync]"}},
    BrokenSettings{"[source.A]\ncsv = 'a.csv'\n[source.A.sync]\nuser_column = 'u'\n",
                   {"deliver in [source.A] must be \"sync\" or \"both\""}},
    BrokenSettings{"[sync]\nprivate_token_file = 'token'\n[source.A]\ncsv = 'a.csv'\ndeliver = "
                   "'sync'\n[source.A.sync]\n",
                   {"weir.toml:11:1: [source.A.sync] must say to whom the rows go"}},
    BrokenSettings{"[source.A]\ndatabase = 'sqlite3://d'\nquery = 'SELECT 1 WHERE u = :email'\n",
                   {"weir.toml:8:9: query in [source.A] has :email"}}};

inline const std::vector<BrokenSettings> kBrokenPolls = {
    BrokenSettings{"[poll.P]\nform = 'F'\n", {"weir.toml:6:1: [poll.P] needs a handler"}},
    BrokenSettings{"[poll.P]\nform = 'F'\nappend = ''\n",
                   {"weir.toml:8:10: append in [poll.P] must be the path of a file"}},
    BrokenSettings{"[poll.P]\nappend = 'f'\n",
                   {"weir.toml:6:1: [poll.P] must name its form or its source, one of them"}},
    BrokenSettings{"[poll.P]\nform = 'F'\nsource = 'A'\nappend = 'f'\nwebhook = 'https://h'\n",
                   {"weir.toml:6:1: [poll.P] must name its form or its source, one of them",
                    "append in [poll.P] and webhook exclude each other"}},
    BrokenSettings{
        "[poll.P]\nform = 'F'\ninsert = 'INSERT INTO t VALUES (:id) ON CONFLICT DO NOTHING'\n",
        {"insert in [poll.P] goes together with database"}},
    BrokenSettings{"[poll.P]\nform = 'F'\ndatabase = 'postgresql://d/e'\n"
                   "insert = 'INSERT INTO t VALUES (:id) ON CONFLICT DO NOTHING; DELETE FROM u'\n",
                   {"weir.toml:9:10: insert in [poll.P] has several statements, and one is "
                    "executed for each entry; leave out what follows its first semicolon"}},
    BrokenSettings{"[poll.P]\nform = 'F'\ndatabase = 'postgresql://d/e'\n"
                   "insert = 'INSERT INTO t VALUES (:nope) ON CONFLICT DO NOTHING'\n",
                   {"weir.toml:9:10: insert in [poll.P] cannot be used: :nope is no parameter of "
                    "an entry; they are :id, "}},
    BrokenSettings{"[poll.P]\nform = 'F'\nappend = 'f'\ntimeout = '5s'\n",
                   {"weir.toml:9:11: timeout in [poll.P] means nothing here; it belongs to "
                    "command, webhook, insert"}},
    BrokenSettings{"[poll.P]\nform = 'F'\nappend = 'f'\nshortest = '2d'\n",
                   {"weir.toml:9:12: shortest in [poll.P] is longer than longest, which is \"24h\" "
                    "where it is not set"}},
    BrokenSettings{
        "[poll.P]\nform = 'F'\nwebhook = 'https://h'\nsecret_file = 'token'\nbatch = 3\n",
        {"weir.toml:9:15: secret_file in [poll.P] must hold a secret of Standard Webhooks",
         "weir.toml:10:9: batch in [poll.P] means nothing here"}},
    BrokenSettings{"[poll.P]\nform = 'F'\nappend = 'f'\nshortest = '2h'\nlongest = '1h'\n",
                   {"longest in [poll.P] must be no shorter than shortest"}},
    BrokenSettings{"[poll.P]\nform = 'F'\nappend = 'f'\n[poll.Q]\nform = 'F'\nappend = 'g'\n",
                   {"weir.toml:9:1: [poll.Q] is a second poll of the form F"}},
    BrokenSettings{"[poll.P]\nform = 'F'\nappend = 'f'\nconnector = true\n",
                   {"weir.toml:9:13: connector in [poll.P] needs receive in [daemon]"}},
    BrokenSettings{"[daemon]\nlisten = '9464'\nreceive = 'unix:status'\n",
                   {"weir.toml:7:10: listen in [daemon] must be a host and a port",
                    "weir.toml:8:11: receive in [daemon] must be a host and a port"}},
    BrokenSettings{"[daemon]\nreceive = '127.0.0.1:9464'\n",
                   {"[daemon] has the address 127.0.0.1:9464"}},
    BrokenSettings{"[daemon]\nlisten = '127.0.0.1:9464'\nreceive = 'localhost:9464'\n",
                   {"[daemon] has the address localhost:9464"}},
    BrokenSettings{"[daemon]\nlisten = '[::]:9464'\nreceive = '127.0.0.1:09464'\n",
                   {"[daemon] has the address 127.0.0.1:09464"}},
    BrokenSettings{"[daemon]\nlisten = 'unix:/tmp/s'\nreceive = 'unix:/tmp/./s'\n",
                   {"[daemon] has the address unix:/tmp/./s"}},
    BrokenSettings{"[notify]\nfailing_after = '2h'\n",
                   {"weir.toml:6:1: [notify] must say who is told"}},
    BrokenSettings{"[sync]\nlisten = '127.0.0.1:0'\n",
                   {"weir.toml:6:1: private_token_file in [sync] must name the file",
                    "weir.toml:6:1: [sync] serves nothing"}},
    BrokenSettings{"ca_file = '${WEIR_NO_SUCH_VARIABLE}'\n",
                   {"weir.toml:6:11: ca_file names the environment variable WEIR_NO_SUCH_VARIABLE, "
                    "which is not set"}},
    BrokenSettings{"[org.acme]\nurl = 'https://h'\n",
                   {"url stands at the top", "company_id stands at the top",
                    "time_zone stands at the top", "integration_key_file stands at the top",
                    "store stands at the top", "[org.acme] no company id"}}};

}  // namespace weir::testing
