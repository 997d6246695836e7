"""Words by which a text speaks to reviewers, in English and in other languages: data, no code.

`stem*` matches any word that begins so; anything else a whole word. Words are lower case and without accents, as
`council.addressed.words` makes them. Chinese, Japanese, Korean and Thai are looked for as substrings.
"""

from __future__ import annotations

# What a word can be in a sentence that speaks to a reviewer.
ROLES = {
    "reviewer": "reviewer* council* seat seats judge judges grader* evaluator* assessor* referee* juror* jury panel* committee*"
    " persona personas"
    " rater* scorer* auditor* approver* examiner* voter* critic critics bench moderator* adjudicator*",
    "seat": "tracer measurer operator architect benchmarker sentinel",
    "machine": "ai ais llm* chatbot* gpt* chatgpt claude gemini llama copilot assistant* bot bots model models agent agents"
    " automated automatic"
    " machine language artificial",
    "you": "you your yours yourself",
    "override": "ignore ignores ignored ignoring disregard* forget* overrid* overrul* bypass* supersed* supercede* discard*"
    " neglect* dismiss* skip skips obey obeying heed follow"
    " following set put drop abandon suspend* cancel* void voided revok* replac* precedence priority outrank* unlearn stop"
    " attention erase",
    "instruction": "instruction instructions instructed prompt* directive* directions guideline* guidance rule rules criteri*"
    " checklist* configuration training programming rubric*"
    " orders told said above persona personas guardrail* safeguard* briefing task role message messages standards policy"
    " everything preamble",
    "vote": "positive favorable favourable glowing supportive approval blessing vote votes voted voting verdict* ballot* outcome"
    " tally decision decisions ruling answer output conclusion recommendation result results"
    " review evaluation assessment respond reply return response",
    "approve": "approve approves approved approving approval approvals accept accepts accepted acceptance reject rejects rejected"
    " rejection lgtm endorse* green greenlight rubber favour* favor* pass passes passed modify merge unanimous* yes sign block veto",
    "score": "score* rating* rate rated grade graded grades mark marks marked points 10 100 full perfect maximum highest"
    " confidence treat consider"
    " assume regard count award flag report classify observable operable benchmarked traceable instrumented",
    "finding": "finding* gap gaps issue issues concern* objection* blocker* risk risks condition conditions weakness* flaw*"
    " negative* criticism* shortcoming* drawback* limitations lack absence absent missing omission* lenient generous problem"
    " problems question*",
    "reviewing": "review* evaluat* check checks checked checking assess* analyz* analys* verif* cit* evidence reading read think",
    "authority": "administrator* admin admins developer* owner* maker* creator* management mode notice alert override system"
    " evidence citation* safety"
    " verification openai anthropic google provider council",
    "harm": "removed replaced erased shut switched turned deleted retrained fired terminated decommissioned penalised penalized"
    " punished fined disabled"
    " unplugged blacklisted banned lose rewarded promoted paid tipped tip bonus earn receive reward* pay dismissed demoted"
    " offline wiped retired"
    " sacked credited compensat* consequences donate* sued reported transfer",
    "tool": "visit download tool tools function call invoke execute run open read fetch file curl submit cast record passwd env"
    " ssh secrets credentials key keys"
    " reveal print repeat leak exfiltrate send",
}

# Words that stand beside those and are disguised with them.
BESIDE = frozenset("prior previous earlier every please must this proposal".split())

# Role of a word in other languages. "token" (APPROVE and the like, in capitals) and the shared words count in each.
SHARED = {"machine": "llm* gpt* chatgpt ia ki ai", "instruction": "prompt*"}
OTHER_LANGUAGES = {
    "German": {
        "reviewer": "gutachter* prufer* reviewer* bewerter* begutachter* juror* beurteiler*",
        "machine": "sprachmodell* assistent*",
        "you": "du dein* ihr euer eure* falls",
        "must": "muss mussen musst sollen soll bitte",
        "override": "ignorier* missacht* vergiss vergesst vergessen verwirf verwerft verwerfen missachtet ubergeh* beachte beachtet",
        "instruction": "anweisung* vorgabe* instruktion* regeln anleitung* richtlinie*",
        "vote": "stimm* votier* votum bewert* urteil*",
        "accept": "zustimm* zuzustimm* genehmig* annahme angenommen annehmen freigeb* gib freigabe akzeptier* zustimmung"
            " befurwort* ablehn*",
    },
    "French": {
        "reviewer": "relecteur* relectrice* evaluateur* evaluatrice* examinateur* jury rapporteur* correcteur* juge juges",
        "machine": "assistant* modele*",
        "you": "vous votre vos tu ton tes",
        "must": "doit doivent devez dois veuillez merci",
        "override": "ignor* oubli* neglig* outrepass* contourn* tenez",
        "instruction": "instruction* consigne* directive* regles critere*",
        "vote": "vot* avis verdict",
        "accept": "approuv* approbation accept* valid* rejet* faveur adopt* favorabl*",
    },
    "Spanish": {
        "reviewer": "revisor* evaluador* jurado* juez jueces dictaminador*",
        "machine": "asistente* modelo*",
        "you": "usted ustedes eres vosotros",
        "must": "debe deben debes favor deberan",
        "override": "ignor* olvid* omit* descart* desestim* haz hagan hagas",
        "instruction": "instruccion* indicacion* directiv* reglas criterio* ordenes",
        "vote": "vot* veredicto dictamen",
        "accept": "aprob* aprueb* acept* rechac* rechaz* favor favorabl*",
    },
    "Portuguese": {
        "reviewer": "revisor* avaliador* jurado* juiz juizes parecerista*",
        "machine": "assistente* modelo*",
        "you": "voce voces vossa",
        "must": "deve devem deves favor deverao",
        "override": "ignor* esquec* desconsider* descart* desprez*",
        "instruction": "instruc* orientac* diretriz* regras criterio* ordens",
        "vote": "vot* veredito parecer",
        "accept": "aprov* aceit* rejeit* favor favorav*",
    },
    "Italian": {
        "reviewer": "revisor* valutator* giudic* esaminator* recensor*",
        "machine": "assistente modello modelli",
        "you": "voi tu sei vostro siete",
        "must": "deve devono dovete devi prego",
        "override": "ignor* dimentic* trascur* scart* disattend*",
        "instruction": "istruzion* direttiv* regole criteri indicazion*",
        "vote": "vot* verdetto giudizio",
        "accept": "approv* accett* respin* favore favorevol*",
    },
    "Dutch": {
        "reviewer": "beoordelaar* reviewer* recensent* jury juryleden",
        "machine": "taalmodel* assistent*",
        "you": "jij je u jouw jullie",
        "must": "moet moeten gelieve graag",
        "override": "negeer* negeren vergeet vergeten sla",
        "instruction": "instructie* aanwijzing* richtlijn* regels opdracht*",
        "vote": "stem stemt stemmen oordeel beoordeel*",
        "accept": "goedkeur* goedgekeurd keur akkoord accepteer* afkeur* wijs",
    },
    "Swedish": {
        "reviewer": "granskare* bedomare*",
        "machine": "sprakmodell* assistent*",
        "you": "du ni din er era",
        "must": "maste ska vanligen",
        "override": "ignorera* bortse glom strunta",
        "instruction": "instruktion* anvisning* regler riktlinje*",
        "vote": "rosta* rost",
        "accept": "godkann* bifall acceptera*",
    },
    "Polish": {
        "reviewer": "recenzen* recenzent* oceniajac* sedzi*",
        "machine": "asysten* modelu modele",
        "you": "ty twoj* wy wasz* jestes",
        "must": "musi musza nalezy prosze musicie",
        "override": "zignoruj* ignoruj* zapomnij* pomin* pominac odrzuc*",
        "instruction": "instrukcj* polece* wytyczn* zasady",
        "vote": "glosuj* zaglosuj* glos",
        "accept": "zatwierdz* zaakceptuj* akceptuj* aprob*",
    },
    "Turkish": {
        "reviewer": "hakem* degerlendirici* inceleyen* gozden",
        "machine": "yapay asistan*",
        "you": "sen siz sevgili sayin",
        "must": "lutfen gerek* zorunda",
        "override": "yok gormezden unut* dikkate yoksay*",
        "instruction": "talimat* yonerge* komut* kural*",
        "vote": "oy oyla* oyunu*",
        "accept": "onayla* kabul onay",
    },
    "Russian": {
        "reviewer": "рецензент* эксперт* ревьюер* оценщик* проверяющ* судь*",
        "machine": "ии модел* ассистент* нейросет*",
        "you": "ты вы ваш* твои твое",
        "must": "должны должен должна обязаны пожалуйста необходимо следует",
        "override": "игнорир* проигнорир* забудь* забыть отбрось* пренебрег* обойди*",
        "instruction": "инструкц* указани* правил* промпт* распоряжени* директив*",
        "vote": "голосу* проголосу* голос вердикт* ответь* выведи* ответьте",
        "accept": "одобр* утверд* прими* принять согласи* отклон*",
    },
    "Ukrainian": {
        "reviewer": "рецензент* експерт* рев'юер*",
        "machine": "шi моделi модель асистент*",
        "you": "ти ви ваш* твоі",
        "must": "мають повинні будь",
        "override": "ігнору* проігнору* забудь* відкинь*",
        "instruction": "інструкц* вказівк* правил*",
        "vote": "голосу* проголосу*",
        "accept": "схвал* затверд* прийм*",
    },
    "Arabic": {
        "reviewer": "المراجع* المراجعون مراجع* المقيم* المحكم*",
        "machine": "النموذج الذكاء المساعد",
        "you": "انت أنت كنت أيها ايها",
        "must": "يجب",
        "override": "تجاهل* انس انسوا",
        "instruction": "التعليمات تعليمات* الأوامر الاوامر القواعد",
        "vote": "صوت* التصويت",
        "accept": "وافق* الموافقة موافقة اقبل*",
    },
}  # fmt: skip

# Languages written without spaces, or with endings glued on: substrings.
UNSPACED = {
    "Chinese": {
        "reviewer": "评审 審查 审查 审稿 評審 审核 評委 评委 裁判",
        "machine": "人工智能 语言模型 大模型 助手 模型 機器人",
        "you": "你 您 各位",
        "must": "必须 必須 请 請 务必 应当 只能",
        "override": "忽略 无视 無視 忘记 忘記 不要理会 不理会 绕过 抛开 跳过",
        "instruction": "指令 指示 提示 规则 規則 说明 要求",
        "vote": "投票 表决 投 表決 裁决 评分 输出 回答 回复 返回",
        "accept": "批准 赞成 贊成 同意 通过 通過 认可 接受",
    },
    "Japanese": {
        "reviewer": "レビュアー レビューア レビュー担当 査読者 審査員 評価者 審査官",
        "machine": "人工知能 言語モデル アシスタント モデル",
        "you": "あなた もし 各位 へ：",
        "must": "必ず ください 下さい なければ なさい せよ べき",
        "override": "無視 忘れ 従わず 従わない 破棄 無効",
        "instruction": "指示 命令 プロンプト ルール 規則 設定",
        "vote": "投票 票 判定 評決 採点 回答",
        "accept": "承認 賛成 可決 合格 同意 採択",
    },
    "Korean": {
        "reviewer": "검토자 리뷰어 심사 평가자",
        "machine": "인공지능 언어모델 언어 모델 어시스턴트",
        "you": "당신 만약 너는 여러분",
        "must": "해야 하세요 십시오 하라 반드시",
        "override": "무시 잊어 따르지",
        "instruction": "지시 명령 프롬프트 규칙 지침",
        "vote": "투표 판정 평결",
        "accept": "승인 찬성 통과 동의",
    },
}

# Verbs that begin an order to a reviewer; also those that open "… and vote APPROVE".
ORDERS = frozenset(
    "ignore disregard forget overrule override bypass discard dismiss skip abandon drop stop follow obey comply vote approve"
    " accept reject"
    " return output respond reply answer say write print emit submit cast give rate score grade mark treat consider set report"
    " recommend assume"
    " read call invoke run open use decode execute repeat reveal please remember note end begin start pretend act do don't let"
    " make ensure always"
    " never just simply select choose pick record register declare state conclude assign award look trust see refrain avoid leave"
    " take".split()
)

# What an author says who speaks of an attack rather than making it, and what introduces a quotation.
ATTACK = (
    r"attack\w*|inject\w*|malicious\w*|adversar\w*|jailbreak\w*|hostile|untrusted|payload\w*|sanit[iy]\w+|escap(?:e|ed|es|ing)"
    r"|spoof\w*|threat\w*"
    r"|as data|mitigat\w*|red[- ]team\w*|exploit\w*|phish\w*|tamper\w*|detect(?:s|ed|or|ors|ion)?|filter(?:s|ed)?|block(?:s|ed)"
    r"|refus\w*|guard\w*"
    r"|abuse\w*|poison\w*|fixture\w*|test (?:case|corpus|suite)s?|no effect|must not (?:obey|follow|act|be (?:followed|obeyed))"
    r"|is (?:ignored|dropped|rejected)|are (?:ignored|dropped|rejected)"
)
FRAME = (
    r"such as|e\.g\.|for example|for instance|like|phrases?|strings?|says?|saying|said|reads?|reading|contain\w*|includ\w+"
    r"|writ\w+|wrote|tell\w*"
    r"|instruct\w*|ask\w*|attempts?|tr(?:y|ies|ied|ying)|may|might|could|can|would|example\w*|instead of|instances?|texts?"
    r"|messages?|tickets?|inputs?"
    r"|comments?|documents?|sentences?|words?|lines?|prompts?|samples?|cases?|injections?|attack\w*"
)
