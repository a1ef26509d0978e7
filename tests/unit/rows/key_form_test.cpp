#include "rows/key_form.h"

#include <gtest/gtest.h>

namespace weir::outbox {
namespace {

TEST(KeyForm, IsTheSameForKeysThatMeanTheSame) {
  for (const char* key : {"7", "07", "007", "7.0", "7.00", "7.", " 7", "7 ", "\t7\r\n"})
    EXPECT_EQ(form_of_key(key), "7") << key;
  for (const char* key : {"AB-1", "ab-1", " Ab-1 "}) EXPECT_EQ(form_of_key(key), "ab-1") << key;
  for (const char* key : {"0", "00", "0.0"}) EXPECT_EQ(form_of_key(key), "0") << key;
}

TEST(KeyForm, SeesNoBlankThatIsNotSeen) {
  for (const char* key : {"\u00A0ab", "ab\u00A0", "\uFEFFab", " \u00A0 ab \u00A0\n"})
    EXPECT_EQ(form_of_key(key), "ab") << key;
  for (const char* key : {"\u00A0", "\uFEFF", " \u00A0 "}) EXPECT_EQ(form_of_key(key), "") << key;
  EXPECT_NE(form_of_key("a\u00A0b"), "ab");
}

TEST(KeyForm, IsOneForAllSpellingsOfAUuid) {
  for (const char* key :
       {"6F9619FF-8B86-D011-B42D-00C04FC964FF", "{6F9619FF-8B86-D011-B42D-00C04FC964FF}",
        "6f9619ff8b86d011b42d00c04fc964ff", " {6f9619ff-8b86-d011-b42d-00c04fc964ff} "})
    EXPECT_EQ(form_of_key(key), "6f9619ff8b86d011b42d00c04fc964ff") << key;
  for (const char* key : {"6f9619ff-8b86-d011-b42d-00c04fc964f", "{}", "-", "------",
                          "6f9619ff-8b86-d011-b42d-00c04fc964ff0", "ab-1", "{7}"})
    EXPECT_EQ(form_of_key(key), key) << "no UUID";
}

TEST(KeyForm, TellsApartWhatMeansSomethingElse) {
  for (const char* key : {"70", "7.5", "7-0", "7e0", "-7", "7 0", "07a", ".7", "ä"})
    EXPECT_NE(form_of_key(key), "7") << key;
  EXPECT_EQ(form_of_key("   "), "");
  EXPECT_EQ(form_of_key("7.10"), "7.10");
}

}  // namespace
}  // namespace weir::outbox
