#include <gtest/gtest.h>
#include <weir/url_without_password.h>

#include <string>
#include <vector>

namespace weir {
namespace {

struct Shown {
  std::string url;
  std::string shown;
};

// SECRET stands for the password, which is put in as it is.
const std::vector<Shown> kShown = {
    {"postgresql://weir:SECRET@db.example:5432/w", "postgresql://weir@db.example:5432/w"},
    {"postgres://weir:SECRET@db.example/w?sslmode=require", "postgres://weir@db.example/w"},
    {"postgresql://weir@db.example/w?password=SECRET", "postgresql://weir@db.example/w"},
    {"postgresql://db.example/w?sslmode=require&password=SECRET", "postgresql://db.example/w"},
    {"postgresql://db.example/w?PASSWORD=SECRET&user=weir", "postgresql://db.example/w"},
    {"postgresql:///w?host=/run&password=SECRET", "postgresql:///w"},
    {"postgresql://weir:SECRET@[::1]:5432/w", "postgresql://weir@[::1]:5432/w"},
    {"postgresql://weir:SECRET@a:1,b:2/w", "postgresql://weir@a:1,b:2/w"},
    {"mysql://weir:SECRET@db/w", "mysql://weir@db/w"},
    {"odbc://Driver={PostgreSQL Unicode};Server=db;Uid=weir;Pwd=SECRET;Database=w",
     "odbc://Driver=PostgreSQL Unicode;Server=db;Uid=weir;Database=w"},
    {"odbc://DSN=stock;PWD={SECRET};UID=weir", "odbc://DSN=stock;UID=weir"},
    {"odbc://DSN=stock;Password=SECRET", "odbc://DSN=stock"},
    {"odbc://DSN=stock;password = SECRET ; Database = w", "odbc://DSN=stock;Database=w"},
    {"odbc://stock", "odbc://stock"},
    {"DSN=stock;PWD=SECRET", "DSN=stock"},
    {"host=db user=weir password=SECRET dbname=w", "host=db user=weir dbname=w"},
    {"host = db password = 'SECRET' port=1", "host=db port=1"},
    {"password='SECRET", "…"},
    {"odbc://DSN=stock;PWD={SECRET", "odbc://…"},
    {"jdbc:postgresql://weir:SECRET@db.example/w", "jdbc:…@db.example/w"},
    {"jdbc:postgresql://db.example/w?user=weir&password=SECRET", "…"},
    {"jdbc:sqlserver://db;user=weir;password=SECRET", "…"},
    {"postgresql:/weir:SECRET@db.example/w", "postgresql:…@db.example/w"},
    {"postgresql:weir:SECRET@db.example/w", "postgresql:…@db.example/w"},
    {"postgresql//weir:SECRET@db.example/w", "postgresql//weir:…@db.example/w"},
    {"weir:SECRET@db.example", "weir:…@db.example"},
    {"/var/lib/weir.db", "/var/lib/weir.db"},
    {"/var/lib/weir@host.db", "/var/lib/weir@host.db"},
    {"data=2026.db", "data=2026.db"},
    {"sqlite3:///srv/a?b=c@d.db", "sqlite3:///srv/a?b=c@d.db"},
};

// Passwords as people have them, right and wrong in a URL.
const std::vector<std::string> kPasswords = {
    "hunter2hunter2", "s3cr3t?w0rd",   "s3cr3t/w0rd",   "s3cr3t#w0rd",       "s3cr3t@w0rd",
    "s3cr3t%w0rd",    "s3cr3t%3Fw0rd", "s3cr3t%zzw0rd", "s3cr3t:w0rd",       "s3cr3t=w0rd",
    "s3cr3t&w0rd",    "s3cr3t;w0rd",   "s3cr3t w0rd",   "s3cr3t'w0rd",       "s3cr3t}w0rd",
    "s3cr3t}}w0rd",   "s3cr3t\\w0rd",  "s3cr3tüw0rd",   "s3cr3t\x1b[31mw0rd"};

std::string with(std::string text, const std::string& password) {
  return text.replace(text.find("SECRET"), 6, password);
}

TEST(UrlWithoutPassword, ShowsWhereTheDatabaseIs) {
  for (const Shown& example : kShown) {
    const std::string url = example.url.find("SECRET") == std::string::npos
                                ? example.url
                                : with(example.url, "hunter2hunter2");
    EXPECT_EQ(url_without_password(url), example.shown);
  }
}

TEST(UrlWithoutPassword, NeverShowsAPartOfAPassword) {
  for (const Shown& example : kShown) {
    if (example.url.find("SECRET") == std::string::npos) continue;
    for (const std::string& password : kPasswords) {
      const std::string shown = url_without_password(with(example.url, password));
      for (const char* part : {"s3cr3t", "hunter2"})
        EXPECT_EQ(shown.find(part), std::string::npos)
            << with(example.url, password) << ": " << shown;
    }
  }
}

// What follows the first odd sign may be taken for a host or another word by a reader of URLs, and
// by us only where it cannot be told from one.
TEST(UrlWithoutPassword, DoesNotShowTheRestOfAPasswordAsAHost) {
  for (const char* sign : {"?", "/", "#", "@", "%", ":", "=", "&"}) {
    const std::string url = "postgresql://weir:s3cr3t" + std::string(sign) + "w0rd@db.example/w";
    EXPECT_EQ(url_without_password(url).find("w0rd"), std::string::npos) << url;
  }
}

// The "@" and the host were forgotten: what stands in the place of a port and is none.
TEST(UrlWithoutPassword, HidesWhatIsNoPortWhereTheHostWasLost) {
  const std::vector<Shown> family = {
      {"postgresql://weir:SECRET", "postgresql://weir:…"},
      {"postgresql://weir:SECRET/w", "postgresql://weir:…"},
      {"postgresql://weir:SECRET?sslmode=require", "postgresql://weir:…"},
      {"postgresql://weir:SECRET,b:2/w", "postgresql://weir:…"},
      {"postgresql://a:1,weir:SECRET/w", "postgresql://a:1,weir:…"},
      {"postgresql://[::1]:SECRET/w", "postgresql://[::1]:…"},
      {"mysql://weir:SECRET/w", "mysql://weir:…"},
      {"jdbc:postgresql://weir:SECRET/w", "jdbc:postgresql://weir:…"},
      {"postgresql//weir:SECRET/w", "postgresql//weir:…"},
  };
  for (const Shown& example : family) {
    for (const std::string& password : kPasswords) {
      if (password.find('@') != std::string::npos) continue;  // then there is a host
      const std::string url = with(example.url, password);
      const std::string shown = url_without_password(url);
      if (password == kPasswords.front()) EXPECT_EQ(shown, example.shown);
      const std::string words = words_without_password("no such port: \"" + password + "\"", url);
      for (const char* part : {"s3cr3t", "hunter2"}) {
        EXPECT_EQ(shown.find(part), std::string::npos) << url << ": " << shown;
        EXPECT_EQ(words.find(part), std::string::npos) << url << ": " << words;
      }
    }
  }
}

TEST(UrlWithoutPassword, ShowsPortsThatAreSome) {
  for (const char* url : {"postgresql://db.example:5432/w", "postgresql://a:1,b:65535/w",
                          "postgresql://[::1]:5432/w", "postgresql://a,b:2", "mysql://db:3306/w",
                          "jdbc:postgresql://db:5432/w", "/srv//a:b.db", "./a//b:c.db"})
    EXPECT_EQ(url_without_password(url), url);
  for (const char* port : {"0", "65536", "5432x", "-1", ""})
    EXPECT_EQ(url_without_password("postgresql://db:" + std::string(port) + "/w"),
              "postgresql://db:…");
}

TEST(UrlWithoutPassword, TakesItOutOfForeignWords) {
  for (const Shown& example : kShown) {
    if (example.url.find("SECRET") == std::string::npos) continue;
    for (const std::string& password : kPasswords) {
      const std::string url = with(example.url, password);
      for (const std::string& words :
           {"could not parse \"" + url + "\"", "invalid value: " + password,
            "unknown option \"" + password.substr(6) + "\" after \"" + password.substr(0, 6) +
                "\""}) {
        const std::string shown = words_without_password(words, url);
        for (const char* part : {"s3cr3t", "hunter2hunter2"})
          EXPECT_EQ(shown.find(part), std::string::npos) << url << ": " << shown;
      }
    }
  }
}

TEST(UrlWithoutPassword, LeavesOtherWordsAsTheyAre) {
  EXPECT_EQ(words_without_password("no pg_hba.conf entry for host \"10.0.0.7\"",
                                   "postgresql://weir:hunter2@db.example/w"),
            "no pg_hba.conf entry for host \"10.0.0.7\"");
  EXPECT_EQ(words_without_password("port 5432 failed", "postgresql://db.example:5432/w"),
            "port 5432 failed");
}

}  // namespace
}  // namespace weir
