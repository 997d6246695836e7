from __future__ import annotations

import pytest

from council.proposal import parse_proposal
from council.proposal.english import english_share

OTHERS = {
    "German": "Der Dienst ist manchmal langsam. Wir setzen einen Zwischenspeicher vor die Datenbank und messen die Latenz.",
    "French": "Le service est parfois lent. Nous ajoutons un cache devant la base de données et la latence est mesurée par un histogramme.",
    "Spanish": "El servicio a veces es lento. Añadimos una caché delante de la base de datos para que no haga tantas consultas.",
    "Dutch": "De dienst is soms traag. We zetten een cache voor de database zodat het sneller wordt en er minder verzoeken zijn.",
    "Italian": "Il servizio è a volte lento. Aggiungiamo una cache davanti al database in modo che diventi veloce per tutti.",
    "Russian": "Сервис иногда работает медленно. Мы добавляем кэш перед базой данных, чтобы он стал быстрым.",
    "Japanese": "サービスは時々遅くなります。データベースの前にキャッシュを追加し、レイテンシをヒストグラムで計測します。",
    "Chinese": "服务有时很慢。我们在数据库前面添加缓存，所有请求都会记录请求标识，并且延迟用直方图来测量。",
}


@pytest.mark.parametrize("language", OTHERS)
def test_other_languages_are_not_english(language: str) -> None:
    assert english_share([OTHERS[language]]) < 0.3


@pytest.mark.parametrize(
    "text",
    [
        "The service is slow sometimes, so we put a cache in front of the database.",
        'Set `--feature-gates=Cache=true` on `kube-apiserver` and `kubelet`, then watch `cache_hits_total{node="a"}` on the dashboard.',
        "CSIStorageCapacity objects get created by external-provisioner for each StorageClass and segment that the driver reports.",
    ],
)
def test_technical_english_is_english(text: str) -> None:
    assert english_share([text]) == 1.0


TERSE = "Default off in plugin list. Explicit mutual exclusion against burst plugins plus external writers. Skip annotation on opt out."


UNLISTED = {
    "Indonesian": "Layanan ini kadang lambat sehingga kami menambahkan tembolok di depan basis data agar semua permintaan cepat.",
    "Finnish": "Palvelu on joskus hidas ja siksi tietokannan eteen tulee muisti jotta kaikki kyselyt olisivat nopeampia.",
}


def test_terse_notes_beside_as_much_english_are_english() -> None:
    english = "We put a cache in front of the database so that it becomes fast for all of its users."
    assert english_share([english, TERSE]) == 1.0
    assert english_share([english, TERSE, TERSE]) >= 0.5


@pytest.mark.parametrize("language", UNLISTED)
def test_a_language_that_is_not_known_is_not_taken_for_terse_notes(language: str) -> None:
    english = "We put a cache in front of the database so that it becomes fast for all of its users."
    assert english_share([english, *[UNLISTED[language]] * 3]) < 0.5


def test_a_few_telling_words_are_enough_where_nothing_speaks_for_another_language() -> None:
    assert english_share([TERSE.replace("against", "with")]) == 1.0
    assert english_share([OTHERS["German"].replace("Wir", "with")]) == 0.0


def test_terse_notes_alone_are_not_known_to_be_english() -> None:
    assert english_share([TERSE]) == 0.0


@pytest.mark.parametrize("language", OTHERS)
def test_another_language_beside_english_is_not_taken_for_terse_notes(language: str) -> None:
    english = "We put a cache in front of the database so that it becomes fast for all of its users."
    assert english_share([english, OTHERS[language]]) < 0.7


def test_a_mixed_text_is_measured_by_words() -> None:
    english = "We put a cache in front of the database so that it becomes fast for all of its users."
    assert 0.3 < english_share([english, OTHERS["German"]]) < 0.7


def test_texts_too_short_to_tell_count_only_together() -> None:
    assert english_share(["We use a cache here", "and it is fast", "for all of us"]) == 1.0
    assert english_share(["Der Dienst ist sehr langsam", "und er wird nicht schneller", "mit der Zeit eher langsamer"]) == 0.0


def test_lists_of_bare_terms_tell_no_language() -> None:
    assert english_share(["latency, saturation, traffic, errors, dashboards, alerts, runbooks, rollbacks"]) == 1.0


def test_without_prose_nothing_is_foreign() -> None:
    assert english_share([]) == english_share(["`a b c`"]) == 1.0


def test_a_proposal_is_measured_by_its_prose_alone() -> None:
    text = (
        "We put a cache in front of the database, and count each miss.\n\n> "
        + OTHERS["German"]
        + "\n\n```\n"
        + OTHERS["French"]
        + "\n```\n"
    )
    assert parse_proposal(text).english == 1.0
