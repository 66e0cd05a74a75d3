//! Files with the texts of a program in one language of several: what `password` is called there.

/// Directories that hold them.
const DIRECTORIES: [&str; 12] = [
    "_locales",
    "i18n",
    "l10n",
    "lang",
    "langs",
    "language",
    "languages",
    "locale",
    "locales",
    "nls",
    "translation",
    "translations",
];

/// Formats that hold nothing else: gettext, XLIFF, Fluent, Flutter's and Apple's.
const FORMATS: [&str; 7] = ["arb", "ftl", "po", "pot", "strings", "xlf", "xliff"];

/// Formats that hold settings elsewhere.
const SETTINGS: [&str; 11] =
    ["cfg", "ini", "json", "lang", "php", "properties", "toml", "txt", "xml", "yaml", "yml"];

/// What their names begin with.
const NAMES: [&str; 6] = ["lang", "locale", "messages", "strings", "translation", "translations"];

/// Codes of ISO 639-1, of languages that programs are translated to.
const LANGUAGES: [&str; 56] = [
    "af", "ar", "az", "be", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "eo", "es",
    "et", "eu", "fa", "fi", "fr", "ga", "gl", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja",
    "ka", "kk", "ko", "lt", "lv", "mk", "ms", "nb", "nl", "nn", "no", "pl", "pt", "ro", "ru", "sk",
    "sl", "sr", "sv", "th", "tr", "uk", "vi", "zh",
];

/// Whether a path, in lower case, is of such a file: `conf/locale/locale_fi-fi.ini`, `i18n/de.json`, `app.po`,
/// `config_pt_br.properties`.
pub(super) fn is_translation(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let file = parts.next().unwrap_or_default();
    let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
    if FORMATS.contains(&extension) {
        return true;
    }
    if !SETTINGS.contains(&extension) {
        return false;
    }
    let named = || {
        let mut words = stem.split(['_', '-', '.']);
        words.next().is_some_and(|first| NAMES.contains(&first)) && words.next().is_some()
    };
    // A bundle of Java's (`java.util.ResourceBundle`): `NAME_LANGUAGE` or `NAME_LANGUAGE_COUNTRY`.
    let is_bundle = || {
        let mut ends = stem.rsplit('_').take(2);
        extension == "properties" && stem.contains('_') && ends.any(|end| LANGUAGES.contains(&end))
    };
    named() || is_bundle() || parts.any(|part| DIRECTORIES.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_from_settings_and_programs() {
        for translation in [
            "conf/locale/locale_fi-fi.ini",
            "web/src/locales/pt-br.json",
            "res/messages_fr.properties",
            "security/login_pt_br.properties",
            "po/de.po",
            "resources/lang/en/auth.php",
        ] {
            assert!(is_translation(translation), "{translation}");
        }
        for other in [
            "src/i18n/translate.js",
            "config/messages.yml",
            "lang/parser.rs",
            "app.json",
            "application_qa.properties",
            "de.properties",
        ] {
            assert!(!is_translation(other), "{other}");
        }
    }
}
